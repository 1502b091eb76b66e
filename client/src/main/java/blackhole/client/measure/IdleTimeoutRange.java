package blackhole.client.measure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What is known of an idle timeout. Each round of the measurement leaves several connections idle at the same time, divides
 * the range at their idle times, and ends with the first one that has expired, so it takes hardly longer than the timeout.
 *
 * @param alive the longest idle time that a connection survived; zero if none
 * @param expired the shortest idle time after which a connection had expired
 */
public record IdleTimeoutRange(Duration alive, Duration expired) {

    private static final double GROWTH = 1.5;
    private static final int DIVISIONS = 9;
    private static final long FINEST_MILLIS = 100;

    /** Returns the idle times of the first round: growing, up to the longest. */
    static List<Duration> firstRound(Duration shortest, Duration longest) {
        List<Duration> times = new ArrayList<>();
        for (double millis = shortest.toMillis(); millis < longest.toMillis(); millis *= GROWTH) {
            times.add(Duration.ofMillis((long) millis));
        }
        times.add(longest);
        return times;
    }

    /** Returns the idle times of the next round, inside this range. */
    List<Duration> nextRound() {
        List<Duration> times = new ArrayList<>();
        for (int i = 1; i < DIVISIONS; i++) {
            times.add(alive.plus(width().multipliedBy(i).dividedBy(DIVISIONS)));
        }
        return times;
    }

    /** Returns whether the range is narrow enough: a hundredth of the timeout, but not below 100 ms. */
    boolean isPrecise() {
        return width().toMillis() <= Math.max(FINEST_MILLIS, expired.toMillis() / 100);
    }

    private Duration width() {
        return expired.minus(alive);
    }
}
