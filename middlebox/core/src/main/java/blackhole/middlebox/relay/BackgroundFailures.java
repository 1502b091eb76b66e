package blackhole.middlebox.relay;

import blackhole.middlebox.flow.BackgroundFailure;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Remembers the first failure of a background task and counts them all. Thread-safe. */
final class BackgroundFailures {
    private static final Logger LOG = System.getLogger(BackgroundFailures.class.getName());

    private final AtomicReference<@Nullable BackgroundFailure> first = new AtomicReference<>();

    /** Records what {@code task} threw. Logs the stack trace of the first failure only. */
    void report(String task, Throwable cause) {
        BackgroundFailure now = first.updateAndGet(known -> known == null
                ? new BackgroundFailure(task, cause, Instant.now(), 1)
                : new BackgroundFailure(known.task(), known.cause(), known.at(), known.count() + 1));
        if (now.count() == 1) {
            log(task, cause);
        }
    }

    /** A logging backend that is itself broken must not stop the task. */
    private static void log(String task, Throwable cause) {
        try {
            LOG.log(Level.ERROR, "background task failed: " + task + "; results can no longer be trusted", cause);
        } catch (Throwable e) {
            cause.addSuppressed(e);
        }
    }

    /** Wraps a task for an executor, so that what it throws is reported. */
    Runnable guard(String name, Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (Throwable e) {
                report(name, e);
            }
        };
    }

    Optional<BackgroundFailure> first() {
        return Optional.ofNullable(first.get());
    }
}
