package blackhole.proxy;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A flow of the flow table, as it was when it was asked for.
 *
 * @param id counted from 1 in the order of acceptance
 * @param listen the proxy's address that the client connected to
 * @param client the client's address
 * @param upstream the upstream's address; null while it is not connected
 * @param age since the client was accepted
 * @param idle since the last activity
 * @param toExpiry until the flow is forgotten if it stays idle; null once it is, and before it is connected
 */
public record Flow(
        long id,
        FlowState state,
        InetSocketAddress listen,
        InetSocketAddress client,
        @Nullable InetSocketAddress upstream,
        Duration age,
        Duration idle,
        @Nullable Duration toExpiry,
        LegStatistics clientLeg,
        LegStatistics upstreamLeg) {

    /**
     * One leg's counts.
     *
     * @param bytesReceived from this leg's peer
     * @param segmentsReceived from this leg's peer, keepalive probes included, as of the last tick of the idle clock
     * @param segmentsDiscarded since the flow expired
     */
    public record LegStatistics(long bytesReceived, long segmentsReceived, long segmentsDiscarded) {}
}
