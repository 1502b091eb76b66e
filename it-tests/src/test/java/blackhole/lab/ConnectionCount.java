package blackhole.lab;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.apache.kafka.common.metrics.MetricsReporter;

/** Counts the connections that the brokers of this JVM have accepted from clients, by their own metrics. */
public final class ConnectionCount implements MetricsReporter {
    /** The listener that is not for the brokers themselves. */
    private static final String LISTENER = "PROXIED0";

    private static final Queue<KafkaMetric> RUNNING = new ConcurrentLinkedQueue<>();
    private static final AtomicLong STOPPED = new AtomicLong();

    static long accepted() {
        return STOPPED.get()
                + RUNNING.stream().mapToLong(ConnectionCount::value).sum();
    }

    private static long value(KafkaMetric metric) {
        return ((Number) metric.metricValue()).longValue();
    }

    private static boolean isCount(KafkaMetric metric) {
        MetricName name = metric.metricName();
        return name.name().equals("connection-creation-total")
                && LISTENER.equals(name.tags().get("listener"));
    }

    @Override
    public void init(List<KafkaMetric> metrics) {
        metrics.forEach(this::metricChange);
    }

    @Override
    public void metricChange(KafkaMetric metric) {
        if (isCount(metric)) {
            RUNNING.add(metric);
        }
    }

    @Override
    public void metricRemoval(KafkaMetric metric) {
        if (isCount(metric) && RUNNING.remove(metric)) {
            STOPPED.addAndGet(value(metric));
        }
    }

    @Override
    public void configure(Map<String, ?> settings) {}

    @Override
    public void close() {}
}
