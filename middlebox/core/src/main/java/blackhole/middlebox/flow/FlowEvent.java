package blackhole.middlebox.flow;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.OnExpiry;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Something that happened to a flow. The events of one flow are emitted in order. */
public sealed interface FlowEvent {
    /** The flow's number, counted from 1 in the order of acceptance. */
    long flowId();

    /** When, by the wall clock. */
    Instant at();

    /**
     * The client is accepted, and the upstream connected if the route has one.
     *
     * @param listen the proxy's address that the client connected to
     * @param upstream the address that the upstream's name resolved to; null without one
     * @param description as of {@link Flow#description()}
     */
    record FlowOpened(
            long flowId,
            Instant at,
            InetSocketAddress client,
            InetSocketAddress listen,
            @Nullable InetSocketAddress upstream,
            @Nullable String description)
            implements FlowEvent {}

    /**
     * The upstream of an accepted client is unreachable; the client was sent a RST.
     *
     * @param reason why, in the kernel's or the resolver's words
     */
    record UpstreamUnreachable(long flowId, Instant at, InetSocketAddress client, Endpoint upstream, String reason)
            implements FlowEvent {}

    /**
     * The middlebox expired the flow.
     *
     * @param cause why
     * @param idle since the last activity; never less than the idle timeout when that is the cause
     * @param onExpiry the on-expiry behaviour
     * @param description as of {@link Flow#description()}
     */
    record FlowExpired(
            long flowId,
            Instant at,
            ExpiryCause cause,
            Duration idle,
            OnExpiry onExpiry,
            @Nullable String description) implements FlowEvent {}

    /**
     * An expired flow is restored: what its peers retransmit arrives.
     *
     * @param afterExpiry since the flow expired
     */
    record FlowHealed(long flowId, Instant at, Duration afterExpiry) implements FlowEvent {}

    /** The peer on this leg was sent a RST in answer to a packet of an expired flow; the packet was not acknowledged. */
    record ResetSent(long flowId, Instant at, Leg leg) implements FlowEvent {}

    /**
     * The kernel discarded a segment on a blackholed leg: data, a retransmission, a keepalive probe, FIN or RST.
     *
     * @param leg the leg it arrived on
     * @param number counted from 1 on each leg
     * @param sinceExpiry since the flow expired
     * @param gap since the segment discarded before it on this leg; null for the first
     */
    record SegmentDiscarded(
            long flowId,
            Instant at,
            Leg leg,
            long number,
            Duration sinceExpiry,
            @Nullable Duration gap) implements FlowEvent {}

    /**
     * The flow ended.
     *
     * @param by who ended it
     * @param how the way it ended
     * @param age since it was accepted
     * @param bytesFromClient received from the client
     * @param bytesFromUpstream received from the upstream
     */
    record FlowClosed(
            long flowId,
            Instant at,
            ClosedBy by,
            CloseReason how,
            Duration age,
            long bytesFromClient,
            long bytesFromUpstream)
            implements FlowEvent {}

    /** Who ended a flow. */
    enum ClosedBy {
        CLIENT,
        UPSTREAM,
        MIDDLEBOX
    }

    /** The way a flow ended. */
    enum CloseReason {
        /** Both sides sent FIN; {@link FlowClosed#by()} was first. */
        FINISHED,
        /** One side sent RST, which was passed on. */
        RESET,
        /** The proxy is shutting down. */
        SHUTDOWN,
        /** The flow expired, and the on-expiry behaviour ended it. */
        EXPIRED,
        /** By command. */
        COMMAND,
        /** The tombstone time of an expired flow is over. */
        TOMBSTONE_TIME,
        /** There were more expired flows than {@link MiddleboxConfig#maxTombstones()}. */
        TOO_MANY_TOMBSTONES
    }
}
