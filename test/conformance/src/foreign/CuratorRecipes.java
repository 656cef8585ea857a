// Curator's recipes against one server: a line PASS or FAIL each. Run as a source file, with Debian's jars.
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import org.apache.curator.framework.*;
import org.apache.curator.framework.recipes.atomic.*;
import org.apache.curator.framework.recipes.barriers.*;
import org.apache.curator.framework.recipes.cache.*;
import org.apache.curator.framework.recipes.leader.*;
import org.apache.curator.framework.recipes.locks.*;
import org.apache.curator.framework.recipes.nodes.*;
import org.apache.curator.framework.recipes.queue.*;
import org.apache.curator.framework.recipes.shared.*;
import org.apache.curator.retry.*;
import org.apache.zookeeper.*;

public class CuratorRecipes {
    interface Check { void run() throws Exception; }
    static String address;
    static final List<CuratorFramework> clients = new ArrayList<>();

    static CuratorFramework client() throws Exception {
        CuratorFramework made = CuratorFrameworkFactory.newClient(address, 10000, 10000, new RetryOneTime(100));
        made.start();
        if (!made.blockUntilConnected(15, TimeUnit.SECONDS)) throw new IllegalStateException("no connection");
        clients.add(made);
        return made;
    }

    static void expect(boolean holds, String what) {
        if (!holds) throw new IllegalStateException("expected " + what);
    }

    static void until(Callable<Boolean> condition, String what) throws Exception {
        for (long end = System.nanoTime() + 20_000_000_000L; System.nanoTime() < end; Thread.sleep(5)) if (condition.call()) return;
        throw new IllegalStateException("waited in vain for " + what);
    }

    static void check(String name, Check body) {
        try {
            body.run();
            System.out.println("PASS " + name);
        } catch (Throwable fault) {
            System.out.println("FAIL " + name + ": " + fault);
        }
        clients.forEach(CuratorFramework::close);
        clients.clear();
    }

    public static void main(String[] args) throws Exception {
        address = args[0];
        check("InterProcessMutex excludes, and is reentrant", () -> {
            InterProcessMutex one = new InterProcessMutex(client(), "/mutex"), other = new InterProcessMutex(client(), "/mutex");
            one.acquire(); one.acquire();
            expect(!other.acquire(200, TimeUnit.MILLISECONDS), "the lock to be held");
            one.release(); one.release();
            expect(other.acquire(10, TimeUnit.SECONDS), "the lock to be free");
            other.release();
        });
        check("InterProcessReadWriteLock lets readers in together", () -> {
            InterProcessReadWriteLock one = new InterProcessReadWriteLock(client(), "/rw"), other = new InterProcessReadWriteLock(client(), "/rw");
            one.readLock().acquire(); other.readLock().acquire();
            expect(!new InterProcessReadWriteLock(client(), "/rw").writeLock().acquire(200, TimeUnit.MILLISECONDS), "no writer");
            one.readLock().release(); other.readLock().release();
        });
        check("InterProcessSemaphoreV2 has so many leases and no more", () -> {
            InterProcessSemaphoreV2 semaphore = new InterProcessSemaphoreV2(client(), "/semaphore", 2);
            Lease one = semaphore.acquire(), two = semaphore.acquire();
            expect(semaphore.acquire(200, TimeUnit.MILLISECONDS) == null, "no third lease");
            semaphore.returnLease(one); semaphore.returnLease(two);
        });
        check("LeaderLatch passes on when the leader goes", () -> {
            LeaderLatch one = new LeaderLatch(client(), "/latch", "one"), other = new LeaderLatch(client(), "/latch", "other");
            one.start(); until(one::hasLeadership, "a leader");
            other.start();
            until(() -> other.getParticipants().size() == 2, "two participants");
            one.close();
            until(other::hasLeadership, "the next leader");
            other.close();
        });
        check("LeaderSelector gives each its turn", () -> {
            CountDownLatch turns = new CountDownLatch(2);
            for (int made = 0; made < 2; made++) {
                LeaderSelector selector = new LeaderSelector(client(), "/selector", new LeaderSelectorListenerAdapter() {
                    public void takeLeadership(CuratorFramework leading) { turns.countDown(); }
                });
                selector.start();
            }
            expect(turns.await(20, TimeUnit.SECONDS), "two turns");
        });
        check("DistributedAtomicLong counts what four threads add", () -> {
            CuratorFramework shared = client();
            ExecutorService pool = Executors.newFixedThreadPool(4);
            AtomicInteger added = new AtomicInteger();
            for (int thread = 0; thread < 4; thread++) pool.submit(() -> {
                DistributedAtomicLong counter = new DistributedAtomicLong(shared, "/long", new RetryNTimes(100, 5));
                for (int times = 0; times < 25; times++) if (counter.increment().succeeded()) added.incrementAndGet();
                return null;
            });
            pool.shutdown();
            expect(pool.awaitTermination(60, TimeUnit.SECONDS), "an end");
            expect(new DistributedAtomicLong(shared, "/long", new RetryOneTime(1)).get().postValue() == added.get(), "the sum");
        });
        check("SharedCount tells others", () -> {
            SharedCount one = new SharedCount(client(), "/count", 1), other = new SharedCount(client(), "/count", 1);
            one.start(); other.start();
            one.setCount(7);
            until(() -> other.getCount() == 7, "the count");
        });
        check("DistributedDoubleBarrier holds until all are there", () -> {
            ExecutorService pool = Executors.newFixedThreadPool(3);
            CountDownLatch inside = new CountDownLatch(3);
            for (int member = 0; member < 3; member++) {
                CuratorFramework own = client();
                pool.submit(() -> {
                    DistributedDoubleBarrier barrier = new DistributedDoubleBarrier(own, "/barrier", 3);
                    barrier.enter(); inside.countDown(); barrier.leave();
                    return null;
                });
            }
            expect(inside.await(20, TimeUnit.SECONDS), "three inside");
            pool.shutdown();
        });
        check("CuratorCache follows a tree (persistent watches)", () -> {
            CuratorFramework writer = client();
            CuratorCache cache = CuratorCache.build(client(), "/tree");
            cache.start();
            writer.create().creatingParentsIfNeeded().forPath("/tree/a/b", "x".getBytes());
            until(() -> cache.get("/tree/a/b").isPresent(), "the node");
            writer.setData().forPath("/tree/a/b", "y".getBytes());
            until(() -> new String(cache.get("/tree/a/b").get().getData()).equals("y"), "the change");
            writer.delete().forPath("/tree/a/b");
            until(() -> cache.get("/tree/a/b").isEmpty(), "the deletion");
            cache.close();
        });
        check("PersistentNode comes back when it is deleted", () -> {
            CuratorFramework own = client();
            PersistentNode node = new PersistentNode(own, CreateMode.EPHEMERAL, false, "/persistent", "x".getBytes());
            node.start();
            expect(node.waitForInitialCreate(15, TimeUnit.SECONDS), "the node");
            client().delete().forPath("/persistent");
            until(() -> own.checkExists().forPath("/persistent") != null, "the node again");
            node.close();
        });
        check("SimpleDistributedQueue gives each item once, in order", () -> {
            SimpleDistributedQueue queue = new SimpleDistributedQueue(client(), "/queue");
            for (int item = 0; item < 5; item++) queue.offer(new byte[] {(byte) item});
            for (int item = 0; item < 5; item++) expect(queue.take()[0] == item, "item " + item);
        });
        check("containers, TTL nodes, protected creates and transactions", () -> {
            CuratorFramework own = client();
            own.create().withMode(CreateMode.CONTAINER).forPath("/container");
            own.create().withTtl(60_000).withMode(CreateMode.PERSISTENT_WITH_TTL).forPath("/ttl");
            expect(own.create().withProtection().withMode(CreateMode.EPHEMERAL_SEQUENTIAL).forPath("/container/p").contains("_c_"), "a mark");
            own.transaction().forOperations(
                own.transactionOp().create().forPath("/both", "1".getBytes()),
                own.transactionOp().setData().withVersion(0).forPath("/both", "2".getBytes()));
            expect(new String(own.getData().forPath("/both")).equals("2"), "both operations");
            try {
                own.transaction().forOperations(
                    own.transactionOp().create().forPath("/neither"),
                    own.transactionOp().check().withVersion(9).forPath("/both"));
                throw new IllegalStateException("expected a refusal");
            } catch (KeeperException.BadVersionException refused) {
                expect(own.checkExists().forPath("/neither") == null, "neither operation");
            }
        });
        System.exit(0);
    }
}
