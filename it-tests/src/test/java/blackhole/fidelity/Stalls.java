package blackhole.fidelity;

import java.time.Duration;

/** Measures how long a thread of this JVM that wants to run has to wait at most: a sign of a machine too busy. */
final class Stalls {
    private static final Duration NAP = Duration.ofMillis(10);

    private final Thread napper = new Thread(this::nap, "stalls");
    private volatile boolean isStopped;
    private Duration longest = Duration.ZERO;

    Stalls() {
        napper.setDaemon(true);
        napper.start();
    }

    private void nap() {
        while (!isStopped) {
            long begin = System.nanoTime();
            Waiting.idleFor(NAP);
            Duration late = Duration.ofNanos(System.nanoTime() - begin).minus(NAP);
            longest = late.compareTo(longest) > 0 ? late : longest;
        }
    }

    /** Ends the measurement and gives its longest wait. */
    Duration stop() throws InterruptedException {
        isStopped = true;
        napper.join();
        return longest;
    }
}
