package blackhole.proxy;

import java.time.Duration;

/**
 * What kind of box the proxy plays.
 *
 * @param idleTimeout a flow on which neither leg received a segment for so long is forgotten; at least 10 ms
 * @param onExpiry what a forgotten flow's packets meet
 * @param tombstoneTime how long a forgotten flow's sockets are kept, counted from its expiry or from its last discarded
 *     segment, whichever is later
 * @param maxTombstones how many forgotten flows are kept at most; the oldest go first
 */
public record Middlebox(Duration idleTimeout, OnExpiry onExpiry, Duration tombstoneTime, int maxTombstones) {
    private static final Duration SHORTEST_IDLE_TIMEOUT = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofDays(365);

    /** The box behind this project's incident: silent after five minutes. */
    public static final Middlebox DEFAULT =
            new Middlebox(Duration.ofMinutes(5), OnExpiry.DROP, Duration.ofMinutes(15), 10_000);

    /** @throws UsageException when a value is out of range */
    public Middlebox {
        requireBetween("idle-timeout", idleTimeout, SHORTEST_IDLE_TIMEOUT);
        requireBetween("tombstone-time", tombstoneTime, Duration.ZERO);
        if (maxTombstones < 0) {
            throw new UsageException("max-tombstones", "can't be negative: " + maxTombstones);
        }
    }

    private static void requireBetween(String name, Duration value, Duration shortest) {
        if (value.compareTo(shortest) < 0 || value.compareTo(LONGEST) > 0) {
            throw new UsageException(
                    name,
                    "must be between " + Durations.format(shortest) + " and " + Durations.format(LONGEST) + ", not "
                            + Durations.format(value));
        }
    }

    /** The same box with another idle timeout. */
    public Middlebox withIdleTimeout(Duration timeout) {
        return new Middlebox(timeout, onExpiry, tombstoneTime, maxTombstones);
    }

    /** The same box with another on-expiry behaviour. */
    public Middlebox withOnExpiry(OnExpiry behaviour) {
        return new Middlebox(idleTimeout, behaviour, tombstoneTime, maxTombstones);
    }

    /** The same box keeping forgotten flows for another time. */
    public Middlebox withTombstoneTime(Duration time) {
        return new Middlebox(idleTimeout, onExpiry, time, maxTombstones);
    }

    /** The same box keeping another number of forgotten flows. */
    public Middlebox withMaxTombstones(int number) {
        return new Middlebox(idleTimeout, onExpiry, tombstoneTime, number);
    }
}
