package blackhole.proxy.api;

import blackhole.middlebox.Middlebox;
import io.netty.util.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Whether the proxy runs and its event loops still answer, found out by probes that wait for them. Thread-safe. */
public final class Health {
    private static final Duration STUCK_AFTER = Duration.ofSeconds(5);
    private static final long NOT_PROBING = 0;

    private final Middlebox proxy;
    private final Consumer<Duration> measured;
    private final Instant startedAt = Instant.now();
    private final AtomicLong probingSince = new AtomicLong(NOT_PROBING);
    private volatile Duration lag = Duration.ZERO;

    /** @param eventLoopLag of the last probe, or so far of one that still waits */
    public record Report(
            String status,
            String version,
            String java,
            String netty,
            Instant startedAt,
            Duration uptime,
            Duration eventLoopLag) {
        public boolean isUp() {
            return status.equals("up");
        }
    }

    public Health(Middlebox proxy, Consumer<Duration> measured) {
        this.proxy = proxy;
        this.measured = measured;
    }

    /** Waits for the relay's event loops, unless another probe does so already. */
    public void probe() {
        if (!proxy.isClosed() && probingSince.compareAndSet(NOT_PROBING, System.nanoTime())) {
            try {
                lag = proxy.eventLoopLag();
                measured.accept(lag);
            } finally {
                probingSince.set(NOT_PROBING);
            }
        }
    }

    public Report report() {
        long since = probingSince.get();
        Duration waiting = since == NOT_PROBING ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
        Duration worst = waiting.compareTo(lag) > 0 ? waiting : lag;
        return new Report(
                status(worst),
                Optional.ofNullable(Health.class.getPackage().getImplementationVersion())
                        .orElse("not packaged"),
                Runtime.version().toString(),
                Optional.ofNullable(Version.identify().get("netty-common"))
                        .map(Version::artifactVersion)
                        .orElse("unknown"),
                startedAt,
                Duration.between(startedAt, Instant.now()),
                worst);
    }

    private String status(Duration lag) {
        if (proxy.isClosed()) {
            return "down";
        }
        return lag.compareTo(STUCK_AFTER) < 0 ? "up" : "stuck";
    }
}
