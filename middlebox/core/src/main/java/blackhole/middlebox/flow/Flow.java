package blackhole.middlebox.flow;

import blackhole.middlebox.config.OnExpiry;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of a flow in the flow table.
 *
 * @param id counted from 1 in the order of acceptance
 * @param description what it is, as its route knows: {@code node 2, producer-1, Produce}; null if it only relays bytes
 * @param openedAt when the client was accepted
 * @param idle since the last activity
 * @param toExpiry until the flow expires if it stays idle; null if that can't happen: before it is connected, once it has
 *     expired, or if the faults don't apply to its client
 * @param expiry how it expired; null unless it has
 */
public record Flow(
        long id,
        @Nullable String description,
        FlowState state,
        Instant openedAt,
        Duration idle,
        @Nullable Duration toExpiry,
        @Nullable Expiry expiry,
        LegStatus client,
        LegStatus upstream) {

    /**
     * How a flow expired.
     *
     * @param ago since then
     */
    public record Expiry(ExpiryCause cause, OnExpiry onExpiry, Duration ago) {}

    /**
     * One leg.
     *
     * @param local the proxy's end, on the client's leg the address the client connected to; null while not connected
     * @param peer the other end; null while not connected
     * @param rtt the kernel's smoothed round-trip time at the last tick of the idle clock
     * @param bytesReceived from the peer
     * @param segmentsReceived from the peer, keepalive probes included, as of the last tick of the idle clock
     * @param segmentsDiscarded since the flow expired
     * @param discardedAfter how long after expiry each discarded segment came; the last 64 of them
     */
    public record LegStatus(
            @Nullable InetSocketAddress local,
            @Nullable InetSocketAddress peer,
            Duration rtt,
            long bytesReceived,
            long segmentsReceived,
            long segmentsDiscarded,
            List<Duration> discardedAfter) {}
}
