package blackhole.fidelity;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Time that has to go by: idle time, and time to look at what comes. */
final class Waiting {
    private Waiting() {}

    static void idleFor(Duration time) {
        try {
            TimeUnit.NANOSECONDS.sleep(time.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
