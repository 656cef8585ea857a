import static org.apache.zookeeper.ZooDefs.Ids.CREATOR_ALL_ACL;
import static org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.AsyncCallback;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.admin.ZooKeeperAdmin;
import org.apache.zookeeper.data.Stat;

/** Drives Apache's own client through every message, for capture.mjs to record. Arguments: what to do, where. */
public class Capture {
    private static final BufferedReader ANSWERS = new BufferedReader(new InputStreamReader(System.in));
    private static volatile CountDownLatch connected = new CountDownLatch(1);

    public static void main(String[] args) throws Exception {
        ZooKeeperAdmin zk = new ZooKeeperAdmin(args[1], 10_000, event -> {
            if (event.getType() == Watcher.Event.EventType.None
                && event.getState() == Watcher.Event.KeeperState.SyncConnected) {
                connected.countDown();
            }
        });
        connected.await();
        switch (args[0]) {
        case "everything":
            everything(zk);
            break;
        case "writes":
            writes(zk);
            break;
        case "more":
            zk.create("/late-" + zk.getSessionId(), new byte[0], OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
            zk.setData("/early", "late".getBytes(), -1);
            zk.close();
            break;
        case "reconfig":
            zk.reconfigure((String) null, "1", null, -1, new Stat());
            break;
        default:
            throw new IllegalArgumentException(args[0]);
        }
        // A session that is not closed stays in the snapshot, with its ephemeral nodes.
        Runtime.getRuntime().halt(0);
    }

    private interface Call {
        void run() throws Exception;
    }

    private static void refused(Call call) throws Exception {
        try {
            call.run();
        } catch (KeeperException expected) {
            return;
        }
        throw new IllegalStateException("expected the server to refuse");
    }

    /** The recorder cuts the connection; go on once the client is back. */
    private static void reconnect() throws Exception {
        connected = new CountDownLatch(1);
        System.out.println("cut");
        ANSWERS.readLine();
        connected.await();
    }

    private static void everything(ZooKeeperAdmin zk) throws Exception {
        Watcher ignore = event -> { };
        zk.addAuthInfo("digest", "bob:secret".getBytes());
        zk.create("/app", "config".getBytes(), OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        zk.create("/app/empty", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT, new Stat());
        zk.create("/app/job-", new byte[] {0, -1, 7}, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL);
        zk.create("/app/lock-", null, OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL_SEQUENTIAL);
        zk.create("/app/here", "x".getBytes(), OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        zk.create("/app/box", null, OPEN_ACL_UNSAFE, CreateMode.CONTAINER);
        zk.create("/app/brief", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_WITH_TTL, new Stat(), 3_600_000);
        zk.create("/app/\u00fc\u4e2d", "\u00e9".getBytes("UTF-8"), CREATOR_ALL_ACL, CreateMode.PERSISTENT);
        refused(() -> zk.create("/app", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));

        zk.getData("/app", true, new Stat());
        zk.getChildren("/app", true);
        zk.exists("/app/soon", true);
        zk.exists("/app/empty", false);
        reconnect();
        zk.setData("/app", "config 2".getBytes(), 0);
        zk.create("/app/soon", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        refused(() -> zk.setData("/app", null, 7));
        zk.getData("/app/empty", false, new Stat());
        refused(() -> zk.getData("/nowhere", false, null));
        zk.getChildren("/app", false, new Stat());
        zk.getChildren("/app", false);

        zk.addAuthInfo("digest", "b\ud83d\ude00b:secret".getBytes("UTF-8"));
        zk.setACL("/app/empty", CREATOR_ALL_ACL, -1);
        zk.getACL("/app/empty", new Stat());
        zk.whoAmI();
        CountDownLatch synced = new CountDownLatch(1);
        zk.sync("/app", (AsyncCallback.VoidCallback) (rc, path, ctx) -> synced.countDown(), null);
        synced.await();

        zk.addWatch("/app", ignore, AddWatchMode.PERSISTENT);
        zk.addWatch("/", ignore, AddWatchMode.PERSISTENT_RECURSIVE);
        zk.exists("/app/soon", ignore);
        zk.getChildren("/app/soon", ignore);
        reconnect();
        zk.setData("/app/soon", "now".getBytes(), -1);
        zk.delete("/app/soon", -1);
        refused(() -> zk.delete("/app", -1));
        zk.exists("/app/empty", ignore);
        zk.removeAllWatches("/app/empty", Watcher.WatcherType.Data, false);
        zk.removeWatches("/app", ignore, Watcher.WatcherType.Any, false);

        zk.multi(Arrays.asList(
            Op.check("/app", -1),
            Op.create("/app/m", "1".getBytes(), OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
            Op.create("/app/m/e-", null, OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL_SEQUENTIAL),
            Op.create("/app/m/c", null, OPEN_ACL_UNSAFE, CreateMode.CONTAINER),
            Op.create("/app/m/t", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_WITH_TTL, 60_000),
            Op.setData("/app/m", "2".getBytes(), 0),
            Op.delete("/app/m/c", 0)));
        refused(() -> zk.multi(Arrays.asList(
            Op.setData("/app", "lost".getBytes(), -1), Op.delete("/nowhere", -1), Op.check("/app", 0))));
        zk.multi(List.of());
        zk.multi(Arrays.asList(Op.getData("/app"), Op.getChildren("/app"), Op.getData("/nowhere")));

        zk.getEphemerals("/app/l");
        zk.getAllChildrenNumber("/app");
        refused(() -> zk.reconfigure("server.9=localhost:1:2;3", null, null, 4, new Stat()));

        ZooKeeper other = new ZooKeeper(System.getProperty("capture.connect"), 6_000, ignore);
        other.create("/app/gone", null, OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        other.close();
    }

    private static void writes(ZooKeeperAdmin zk) throws Exception {
        zk.addAuthInfo("digest", "bob:secret".getBytes());
        zk.create("/early", "1".getBytes(), CREATOR_ALL_ACL, CreateMode.PERSISTENT);
        zk.setACL("/early", OPEN_ACL_UNSAFE, 0);
        zk.create("/early/e", null, OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        refused(() -> zk.create("/early", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        zk.multi(Arrays.asList(
            Op.create("/pair", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT), Op.setData("/early", "2".getBytes(), 0)));
        CountDownLatch synced = new CountDownLatch(1);
        zk.sync("/early", (AsyncCallback.VoidCallback) (rc, path, ctx) -> synced.countDown(), null);
        synced.await();
        reconnect();
        zk.setData("/early", "3".getBytes(), 1);
        zk.close();
    }
}
