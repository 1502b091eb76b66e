package blackhole.support;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Time in which nothing happens, because that is what is tested; never a way to wait for something. */
public final class Idle {
    private Idle() {}

    public static void idleFor(Duration time) {
        try {
            TimeUnit.NANOSECONDS.sleep(time.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
