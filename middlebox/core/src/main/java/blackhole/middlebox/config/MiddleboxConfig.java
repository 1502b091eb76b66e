package blackhole.middlebox.config;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What kind of box the proxy plays. Immutable; changed by {@link #with}.
 *
 * @param idleTimeout a flow on which neither leg received a segment for so long expires; 10 ms to 365 days
 * @param keepaliveRefreshes whether keepalive probes and acknowledgements count as activity; false for boxes that
 *     terminate TCP, which count bytes
 * @param onExpiry what an expired flow's packets meet
 * @param direction whose packets vanish from an expired flow; other than both with {@link OnExpiry#DROP} alone
 * @param maxLifetime a flow as old as this expires however busy it is; 10 ms to 365 days, null for never
 * @param maxFlows how many flows are known at most, 1 or more; null for as many as the descriptors allow
 * @param whenFull what a new connection meets when there are {@code maxFlows}
 * @param onlyClients the clients that all this applies to; empty for all. The flows of others are relayed, and no more
 * @param tombstoneTime how long an expired flow's sockets are kept, counted from its expiry or from its last discarded
 *     segment, whichever is later; up to 365 days
 * @param maxTombstones how many expired flows are kept at most, 0 or more; the oldest go first
 */
public record MiddleboxConfig(
        Duration idleTimeout,
        boolean keepaliveRefreshes,
        OnExpiry onExpiry,
        Direction direction,
        @Nullable Duration maxLifetime,
        @Nullable Integer maxFlows,
        WhenFull whenFull,
        List<Cidr> onlyClients,
        Duration tombstoneTime,
        int maxTombstones) {
    private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofDays(365);

    /** The box behind this project's incident: silent after five minutes. */
    public static final MiddleboxConfig DEFAULT = new MiddleboxConfig(
            Duration.ofMinutes(5),
            true,
            OnExpiry.DROP,
            Direction.BOTH,
            null,
            null,
            WhenFull.EXPIRE_LONGEST_IDLE,
            List.of(),
            Duration.ofMinutes(15),
            10_000);

    /** @throws UsageException when a value is out of range */
    public MiddleboxConfig {
        onlyClients = List.copyOf(onlyClients);
        requireBetween("idle-timeout", idleTimeout, SHORTEST_TIMEOUT);
        requireBetween("tombstone-time", tombstoneTime, Duration.ZERO);
        if (maxLifetime != null) {
            requireBetween("max-lifetime", maxLifetime, SHORTEST_TIMEOUT);
        }
        if (maxFlows != null && maxFlows < 1) {
            throw new UsageException("max-flows", "must be 1 or more, not " + maxFlows);
        }
        if (maxTombstones < 0) {
            throw new UsageException("max-tombstones", "can't be negative: " + maxTombstones);
        }
        if (direction != Direction.BOTH && onExpiry != OnExpiry.DROP) {
            throw new UsageException("direction", "other than both goes with on-expiry drop alone");
        }
    }

    private static void requireBetween(String setting, Duration value, Duration shortest) {
        if (value.compareTo(shortest) < 0 || value.compareTo(LONGEST) > 0) {
            throw new UsageException(
                    setting,
                    "must be between " + Durations.format(shortest) + " and " + Durations.format(LONGEST) + ", not "
                            + Durations.format(value));
        }
    }

    /** Whether the box's faults meet this client. */
    public boolean appliesTo(InetAddress client) {
        return onlyClients.isEmpty() || onlyClients.stream().anyMatch(range -> range.contains(client));
    }

    /**
     * The same box with some settings changed: {@code box.with(b -> b.idleTimeout(...).onExpiry(...))}.
     *
     * @throws UsageException when a value is out of range
     */
    public MiddleboxConfig with(UnaryOperator<MiddleboxConfigBuilder> changes) {
        return changes.apply(new MiddleboxConfigBuilder(this)).build();
    }
}
