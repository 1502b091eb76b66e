package blackhole.proxy;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Time in which nothing happens, as the thing that is tested: never a way to wait for something. */
final class Idle {
    private Idle() {}

    static void idleFor(Duration time) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
    }
}
