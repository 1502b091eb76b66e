package blackhole.middlebox.relay;

import blackhole.middlebox.flow.Leg;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts and dates the segments that the kernel discards on one blackholed leg. Belongs to the flow's event loop. */
final class Discards {
    /** A peer that floods a blackholed leg causes no more events than this per look; the numbers then skip. */
    private static final int MOST_REPORTED_AT_ONCE = 256;

    private static final int TIMES_KEPT = 64;

    private final Leg leg;
    private final Deque<Duration> times = new ArrayDeque<>(0);
    private int counter;
    private long segments;
    private long lastAt;

    Discards(Leg leg) {
        this.leg = leg;
    }

    @FunctionalInterface
    interface Report {
        /** @param gap since the discarded segment before this one; null for the first */
        void discarded(Leg leg, long number, Duration sinceExpiry, @Nullable Duration gap);
    }

    /** Starts counting at 0. {@code kernelCounter} is what the kernel has counted before. */
    void reset(int kernelCounter) {
        counter = kernelCounter;
        segments = 0;
        times.clear();
    }

    /** Reports what was discarded since the last check. */
    void update(int kernelCounter, long now, long expiredAt, Report report) {
        int rise = kernelCounter - counter;
        counter = kernelCounter;
        Duration sinceExpiry = Duration.ofNanos(now - expiredAt);
        int first = Math.max(0, rise - MOST_REPORTED_AT_ONCE);
        for (int i = first; i < rise; i++) {
            Duration gap = segments == 0 && i == first ? null : Duration.ofNanos(now - lastAt);
            lastAt = now;
            remember(sinceExpiry);
            report.discarded(leg, segments + i + 1, sinceExpiry, gap);
        }
        segments += rise;
    }

    private void remember(Duration sinceExpiry) {
        if (times.size() == TIMES_KEPT) {
            times.removeFirst();
        }
        times.add(sinceExpiry);
    }

    long segments() {
        return segments;
    }

    /** Returns how long after expiry the latest segments were discarded. */
    List<Duration> times() {
        return List.copyOf(times);
    }
}
