// Starts an Apache ZooKeeper on the zoo.cfg it is given and says what metrics it registers: "counter NAME", "gauge NAME",
// "summary NAME basic|advanced", "set NAME" of one summary or counter a key; then "done". Run as a source file.
import java.util.*;
import java.util.concurrent.*;
import java.util.function.*;
import org.apache.zookeeper.metrics.*;
import org.apache.zookeeper.server.quorum.QuorumPeerMain;

public class MetricsLister {
    static final Set<String> found = new ConcurrentSkipListSet<>();

    public static class Provider implements MetricsProvider, MetricsContext {
        public void configure(Properties configuration) {}
        public void start() {}
        public void stop() {}
        public void resetAllValues() {}
        public void dump(BiConsumer<String, Object> sink) {}
        public MetricsContext getRootContext() { return this; }
        public MetricsContext getContext(String name) { return this; }
        public Counter getCounter(String name) {
            found.add("counter " + name);
            return new Counter() {
                public void add(long delta) {}
                public long get() { return 0; }
            };
        }
        public CounterSet getCounterSet(String name) { found.add("set " + name); return (key, delta) -> {}; }
        public void registerGauge(String name, Gauge gauge) { found.add("gauge " + name); }
        public void unregisterGauge(String name) {}
        public void registerGaugeSet(String name, GaugeSet gaugeSet) { found.add("set " + name); }
        public void unregisterGaugeSet(String name) {}
        public Summary getSummary(String name, DetailLevel level) {
            found.add("summary " + name + " " + level.toString().toLowerCase());
            return value -> {};
        }
        public SummarySet getSummarySet(String name, DetailLevel level) { found.add("set " + name); return (key, value) -> {}; }
    }

    public static void main(String[] args) throws Exception {
        ClassLoader loader = MetricsLister.class.getClassLoader();
        Thread server = new Thread(() -> QuorumPeerMain.main(args));
        server.setContextClassLoader(loader);
        server.setDaemon(true);
        server.start();
        // The last that a server alone registers, when it begins to serve.
        for (long end = System.nanoTime() + 30_000_000_000L; System.nanoTime() < end; Thread.sleep(20)) {
            if (found.contains("gauge non_mtls_local_conn_count")) break;
        }
        Thread.sleep(100);
        found.forEach(System.out::println);
        System.out.println("done");
        System.exit(0);
    }
}
