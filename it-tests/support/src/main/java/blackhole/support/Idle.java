package blackhole.support;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Time in which nothing happens, as the thing that is tested: never a way to wait for something. */
public final class Idle {
    private Idle() {}

    public static void idleFor(Duration time) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
    }
}
