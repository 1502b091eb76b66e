package blackhole.proxy.api;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.flow.BackgroundFailure;
import io.netty.util.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Finds out whether the proxy runs, its event loops respond and no background task has failed. Thread-safe. */
public final class Health {
    private static final Duration STUCK_AFTER = Duration.ofSeconds(5);
    private static final long NOT_PROBING = 0;

    private final Middlebox proxy;
    private final Consumer<Duration> lagListener;
    private final Instant startedAt = Instant.now();
    private final AtomicLong probingSince = new AtomicLong(NOT_PROBING);
    private volatile Duration lag = Duration.ZERO;

    /** @param eventLoopLag of the last probe, or of the current one so far if that is longer */
    public record Report(
            String status,
            String version,
            String java,
            String netty,
            Instant startedAt,
            Duration uptime,
            Duration eventLoopLag,
            @Nullable BackgroundFailure backgroundFailure) {
        public boolean isUp() {
            return status.equals("up");
        }
    }

    public Health(Middlebox proxy, Consumer<Duration> lagListener) {
        this.proxy = proxy;
        this.lagListener = lagListener;
    }

    /** Waits for the event loops, unless another probe is already waiting. */
    public void probe() {
        if (!proxy.isClosed() && probingSince.compareAndSet(NOT_PROBING, System.nanoTime())) {
            try {
                lag = proxy.eventLoopLag();
                lagListener.accept(lag);
            } finally {
                probingSince.set(NOT_PROBING);
            }
        }
    }

    Report report() {
        long since = probingSince.get();
        Duration waiting = since == NOT_PROBING ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
        Duration worst = waiting.compareTo(lag) > 0 ? waiting : lag;
        BackgroundFailure failure = proxy.failure().orElse(null);
        return new Report(
                status(worst, failure),
                Optional.ofNullable(Health.class.getPackage().getImplementationVersion())
                        .orElse("not packaged"),
                Runtime.version().toString(),
                Optional.ofNullable(Version.identify().get("netty-common"))
                        .map(Version::artifactVersion)
                        .orElse("unknown"),
                startedAt,
                Duration.between(startedAt, Instant.now()),
                worst,
                failure);
    }

    private String status(Duration lag, @Nullable BackgroundFailure failure) {
        if (proxy.isClosed()) {
            return "down";
        }
        if (failure != null) {
            return "failed";
        }
        return lag.compareTo(STUCK_AFTER) < 0 ? "up" : "stuck";
    }
}
