package blackhole.proxy.relay;

import blackhole.proxy.Endpoint;
import blackhole.proxy.Flow;
import blackhole.proxy.Flow.LegStatistics;
import blackhole.proxy.FlowEvent.CloseReason;
import blackhole.proxy.FlowEvent.ClosedBy;
import blackhole.proxy.FlowEvent.FlowClosed;
import blackhole.proxy.FlowEvent.FlowExpired;
import blackhole.proxy.FlowEvent.FlowOpened;
import blackhole.proxy.FlowEvent.SegmentDiscarded;
import blackhole.proxy.FlowEvent.UpstreamUnreachable;
import blackhole.proxy.FlowState;
import blackhole.proxy.Leg;
import blackhole.proxy.Middlebox;
import blackhole.proxy.OnExpiry;
import blackhole.proxy.idle.DiscardWatch;
import blackhole.proxy.idle.IdleClock;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A flow in the flow table: the state machine of {@link FlowState}, fed by its two legs' handlers and by the idle clock.
 * Everything runs on the event loop that both its channels are registered with.
 */
final class FlowEntry implements IdleClock.IdleFlow, DiscardWatch.BlackholedFlow {
    private static final Logger LOG = LoggerFactory.getLogger(FlowEntry.class);

    /** Longer than TCP_RTO_MAX, 120 s in net/tcp.h: a peer quiet for so long is not retransmitting any more. */
    private static final long PEER_HAS_GIVEN_UP = Duration.ofSeconds(125).toNanos();

    private final long id;
    private final FlowTable table;
    private final InetSocketAddress listen;
    private final long acceptedAt;
    private final LegEnd client;
    private @Nullable LegEnd upstream;
    private final Queue<ByteBuf> beforeConnected = new ArrayDeque<>(0);
    private FlowState state = FlowState.CONNECTING;
    private long lastActivityAt;
    private long expiredAt;
    private OnExpiry onExpiry = OnExpiry.DROP;
    private long lastDiscardAt;
    private boolean anyDiscarded;
    private @Nullable ClosedBy closedBy;
    private CloseReason closeReason = CloseReason.FINISHED;

    FlowEntry(long id, FlowTable table, SocketChannel channel) {
        this.id = id;
        this.table = table;
        acceptedAt = table.now();
        lastActivityAt = acceptedAt;
        listen = channel.localAddress();
        client = new LegEnd(Leg.CLIENT, channel, acceptedAt);
    }

    // Transitions.

    /** CONNECTING → LIVE. */
    void connected(SocketChannel channel) {
        if (state != FlowState.CONNECTING) {
            channel.close();
            return;
        }
        state = FlowState.LIVE;
        lastActivityAt = table.now();
        upstream = new LegEnd(Leg.UPSTREAM, channel, lastActivityAt);
        table.opened(this);
        table.emit(new FlowOpened(id, Instant.now(), client.peer(), listen, upstream.peer()));
        beforeConnected.forEach(upstream::write);
        beforeConnected.clear();
        upstream.flush();
        upstream.resumeReading();
        if (client.isInputShut()) {
            halfClose(client, upstream);
        } else {
            client.resumeReading();
        }
    }

    /** CONNECTING → CLOSED: the client is sent a reset. */
    void unreachable(Endpoint endpoint, Throwable cause) {
        if (state != FlowState.CONNECTING) {
            return;
        }
        end();
        client.reset();
        table.emit(new UpstreamUnreachable(id, Instant.now(), client.peer(), endpoint, reasonOf(cause)));
    }

    /** LIVE → HALF_CLOSED, and HALF_CLOSED → CLOSED: one side's FIN is passed on to the other, behind its bytes. */
    private void halfClose(LegEnd from, LegEnd to) {
        state = FlowState.HALF_CLOSED;
        if (closedBy == null) {
            closedBy = by(from);
        }
        to.finish(this::closeWhenBothFinished);
    }

    private void closeWhenBothFinished() {
        LegEnd up = upstream;
        if (isRelaying()
                && up != null
                && client.isInputShut()
                && up.isInputShut()
                && client.isOutputShut()
                && up.isOutputShut()) {
            close();
        }
    }

    private void close() {
        ClosedBy by = closedBy == null ? ClosedBy.MIDDLEBOX : closedBy;
        end();
        client.close();
        if (upstream != null) {
            upstream.close();
        }
        emitClosed(by, closeReason);
    }

    /** LIVE or HALF_CLOSED → CLOSED: a reset of one side is passed on to the other. */
    private void resetFrom(LegEnd from) {
        end();
        client.reset();
        if (upstream != null) {
            upstream.reset();
            emitClosed(by(from), CloseReason.RESET);
        }
    }

    /** LIVE or HALF_CLOSED → BLACKHOLED. */
    @Override
    public void expire(long now) {
        LegEnd up = upstream;
        if (!isRelaying() || up == null) {
            return;
        }
        onExpiry = table.middlebox().onExpiry();
        switch (onExpiry) {
            case DROP -> {
                client.blackhole();
                up.blackhole();
            }
            case STALL -> {
                client.pauseReading();
                up.pauseReading();
            }
        }
        state = FlowState.BLACKHOLED;
        expiredAt = now;
        lastDiscardAt = now;
        table.emit(new FlowExpired(id, Instant.now(), Duration.ofNanos(now - lastActivityAt), onExpiry));
        table.expired(this);
    }

    /** BLACKHOLED or TOMBSTONE → CLOSED, in silence where the kernel lets us. */
    void endTombstone(CloseReason reason) {
        end();
        closeQuietly(client);
        if (upstream != null) {
            closeQuietly(upstream);
        }
        emitClosed(ClosedBy.MIDDLEBOX, reason);
    }

    private void closeQuietly(LegEnd leg) {
        if (table.canCloseSilently()) {
            leg.closeSilently();
        } else {
            leg.close();
        }
    }

    /** Ends the flow with a FIN to both sides; a forgotten one as its tombstone ends. */
    void shutDown() {
        switch (state) {
            case CONNECTING -> {
                end();
                client.close();
            }
            case LIVE, HALF_CLOSED -> {
                closedBy = ClosedBy.MIDDLEBOX;
                closeReason = CloseReason.SHUTDOWN;
                client.finish(this::closeWhenBothFinished);
                if (upstream != null) {
                    upstream.finish(this::closeWhenBothFinished);
                }
            }
            case BLACKHOLED, TOMBSTONE -> endTombstone(CloseReason.SHUTDOWN);
            case CLOSED -> {}
        }
    }

    /** What is left of the flow ends now, whatever its peers do. */
    void shutDownNow() {
        if (isRelaying()) {
            close();
        }
    }

    private void end() {
        state = FlowState.CLOSED;
        beforeConnected.forEach(ByteBuf::release);
        beforeConnected.clear();
        table.remove(this);
    }

    private void emitClosed(ClosedBy by, CloseReason how) {
        long received = upstream == null ? 0 : upstream.bytesReceived();
        table.emit(new FlowClosed(
                id,
                Instant.now(),
                by,
                how,
                Duration.ofNanos(table.now() - acceptedAt),
                client.bytesReceived(),
                received));
    }

    // What the legs' handlers report.

    /** The buffer is this flow's now. */
    void received(Leg leg, ByteBuf bytes) {
        LegEnd from = end(leg);
        LegEnd to = otherEnd(leg);
        lastActivityAt = table.now();
        from.received(bytes);
        if (state == FlowState.CONNECTING) {
            beforeConnected.add(bytes);
        } else if (isRelaying() && to != null && !to.isOutputShut()) {
            to.write(bytes);
            if (!to.isWritable()) {
                from.pauseReading();
            }
        } else {
            bytes.release();
        }
    }

    void receivedAll(Leg leg) {
        LegEnd to = otherEnd(leg);
        if (isRelaying() && to != null) {
            to.flush();
        }
    }

    void writabilityChanged(Leg leg) {
        LegEnd source = otherEnd(leg);
        if (isRelaying() && source != null && end(leg).isWritable()) {
            source.resumeReading();
        }
    }

    void finReceived(Leg leg) {
        if (state == FlowState.CLOSED) {
            return;
        }
        LegEnd from = end(leg);
        LegEnd to = otherEnd(leg);
        from.inputShut();
        if (isRelaying() && to != null) {
            halfClose(from, to);
            closeWhenBothFinished();
        }
    }

    void broken(Leg leg, Throwable cause) {
        LOG.atDebug().addKeyValue("flow", id).setCause(cause).log("flow {}: {} leg broke", id, leg);
        if (!(cause instanceof IOException)) {
            LOG.atError().addKeyValue("flow", id).setCause(cause).log("flow {}: unexpected", id);
        }
        gone(leg);
    }

    /** The leg is reset or closed, not by the flow. */
    void gone(Leg leg) {
        switch (state) {
            case CONNECTING -> {
                if (leg == Leg.CLIENT) {
                    end();
                    client.close();
                }
            }
            case LIVE, HALF_CLOSED -> resetFrom(end(leg));
            case BLACKHOLED, TOMBSTONE -> {
                if (!client.channel.isOpen() && (upstream == null || !upstream.channel.isOpen())) {
                    endTombstone(CloseReason.RESET);
                }
            }
            case CLOSED -> {}
        }
    }

    // What the idle clock asks.

    @Override
    public long sampleActivity(long now, boolean exactDating) {
        lastActivityAt = client.sampleActivity(now, exactDating, lastActivityAt);
        if (upstream != null) {
            lastActivityAt = upstream.sampleActivity(now, exactDating, lastActivityAt);
        }
        return lastActivityAt;
    }

    @Override
    public void sampleDiscards(long now) {
        if (onExpiry == OnExpiry.DROP) {
            client.sampleDiscards(now, this::discarded);
            if (upstream != null) {
                upstream.sampleDiscards(now, this::discarded);
            }
        }
        long quiet = table.now() - lastDiscardAt;
        if (state == FlowState.BLACKHOLED && anyDiscarded && quiet > PEER_HAS_GIVEN_UP) {
            state = FlowState.TOMBSTONE;
        }
        if (quiet >= table.middlebox().tombstoneTime().toNanos()) {
            endTombstone(CloseReason.TOMBSTONE_TIME);
        }
    }

    private void discarded(LegEnd leg, long number, @Nullable Duration gap) {
        anyDiscarded = true;
        lastDiscardAt = table.now();
        state = FlowState.BLACKHOLED;
        Duration sinceExpiry = Duration.ofNanos(lastDiscardAt - expiredAt);
        table.emit(new SegmentDiscarded(id, Instant.now(), leg.leg, number, sinceExpiry, gap));
    }

    Flow snapshot() {
        long now = table.now();
        Middlebox middlebox = table.middlebox();
        Duration idle = Duration.ofNanos(now - lastActivityAt);
        LegEnd up = upstream;
        return new Flow(
                id,
                state,
                listen,
                client.peer(),
                up == null ? null : up.peer(),
                Duration.ofNanos(now - acceptedAt),
                idle,
                isRelaying() ? middlebox.idleTimeout().minus(idle) : null,
                client.statistics(),
                up == null ? new LegStatistics(0, 0, 0) : up.statistics());
    }

    private boolean isRelaying() {
        return state == FlowState.LIVE || state == FlowState.HALF_CLOSED;
    }

    private LegEnd end(Leg leg) {
        return leg == Leg.CLIENT || upstream == null ? client : upstream;
    }

    private @Nullable LegEnd otherEnd(Leg leg) {
        return leg == Leg.CLIENT ? upstream : client;
    }

    private static ClosedBy by(LegEnd end) {
        return switch (end.leg) {
            case CLIENT -> ClosedBy.CLIENT;
            case UPSTREAM -> ClosedBy.UPSTREAM;
        };
    }

    private static String reasonOf(Throwable cause) {
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}
