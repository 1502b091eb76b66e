package blackhole.proxy.relay;

import blackhole.proxy.Endpoint;
import blackhole.proxy.ExpiryCause;
import blackhole.proxy.Flow;
import blackhole.proxy.FlowEvent.CloseReason;
import blackhole.proxy.FlowEvent.ClosedBy;
import blackhole.proxy.FlowEvent.FlowClosed;
import blackhole.proxy.FlowEvent.FlowExpired;
import blackhole.proxy.FlowEvent.FlowHealed;
import blackhole.proxy.FlowEvent.FlowOpened;
import blackhole.proxy.FlowEvent.ResetSent;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A flow in the flow table: the state machine of {@link FlowState}, fed by its two legs' handlers and by the idle clock.
 * Everything runs on the event loop that both its channels are registered with.
 */
final class FlowEntry implements IdleClock.IdleFlow, DiscardWatch.BlackholedFlow {
    private static final Logger LOG = LoggerFactory.getLogger(FlowEntry.class);

    private final long id;
    private final FlowTable table;
    private final UpstreamConnector connector;
    private final long acceptedAt;
    private final Instant openedAt = Instant.now();
    private final LegEnd client;
    private @Nullable LegEnd upstream;
    private FlowState state = FlowState.CONNECTING;
    /** Written on the event loop; read elsewhere to find the least recently active flow. */
    private volatile long lastActivityAt;

    private boolean announced;
    private @Nullable Forgotten forgotten;
    private @Nullable ClosedBy finishedFirst;

    FlowEntry(long id, FlowTable table, SocketChannel channel, UpstreamConnector connector) {
        this.id = id;
        this.table = table;
        this.connector = connector;
        acceptedAt = table.now();
        lastActivityAt = acceptedAt;
        client = new LegEnd(Leg.CLIENT, channel, acceptedAt);
    }

    // Transitions.

    /** CONNECTING, or BLACKHOLED at once when there is no way on for it. */
    void accepted() {
        table.connecting(this);
        ExpiryCause noWayOn = table.noWayOnFor(this, connector.hasUpstream());
        if (noWayOn == null) {
            connector.connect(client.channel, this);
        } else {
            table.opened(this);
            announce(null);
            forget(table.now(), noWayOn, OnExpiry.DROP);
        }
    }

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
        announce(upstream.peer());
        client.passHeldTo(upstream);
        upstream.resumeReading();
        if (client.isInputShut()) {
            halfClose(client, upstream);
        } else {
            client.resumeReading();
        }
        if (table.isDarkFor(this)) {
            forget(table.now(), ExpiryCause.DARK, OnExpiry.DROP);
        }
    }

    /** Once in a flow's life: one that was accepted in the dark gets its upstream later. */
    private void announce(@Nullable InetSocketAddress upstreamAddress) {
        if (!announced) {
            announced = true;
            table.emit(new FlowOpened(id, Instant.now(), client.peer(), client.local(), upstreamAddress));
        }
    }

    /** CONNECTING → CLOSED: the client is sent a reset. */
    void unreachable(Endpoint endpoint, Throwable cause) {
        if (state == FlowState.CONNECTING) {
            end();
            client.reset();
            String reason = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
            table.emit(new UpstreamUnreachable(id, Instant.now(), client.peer(), endpoint, reason));
        }
    }

    /** LIVE → HALF_CLOSED, and HALF_CLOSED → CLOSED: one side's FIN is passed on to the other, behind its bytes. */
    private void halfClose(LegEnd from, LegEnd to) {
        if (state == FlowState.LIVE) {
            state = FlowState.HALF_CLOSED;
        }
        if (finishedFirst == null) {
            finishedFirst = by(from);
        }
        to.finish(this::closeWhenBothFinished);
        closeWhenBothFinished();
    }

    private void closeWhenBothFinished() {
        if (isKnown() && isFinished(client) && isFinished(upstream)) {
            ClosedBy by = finishedFirst == null ? ClosedBy.MIDDLEBOX : finishedFirst;
            close(by, by == ClosedBy.MIDDLEBOX ? CloseReason.SHUTDOWN : CloseReason.FINISHED);
        }
    }

    private static boolean isFinished(@Nullable LegEnd leg) {
        return leg != null && leg.isInputShut() && leg.isOutputShut();
    }

    /** → CLOSED, with a FIN to a side that has not had one. */
    private void close(ClosedBy by, CloseReason how) {
        end();
        client.close();
        if (upstream != null) {
            upstream.close();
        }
        emitClosed(by, how);
    }

    /** → CLOSED, with a reset to both sides: what one side does to the other, or what somebody asked for. */
    void reset(ClosedBy by, CloseReason how) {
        boolean wasOpened = state != FlowState.CONNECTING;
        if (state != FlowState.CLOSED) {
            end();
            client.reset();
            if (upstream != null) {
                upstream.reset();
            }
            if (wasOpened) {
                emitClosed(by, how);
            }
        }
    }

    /** LIVE or HALF_CLOSED → BLACKHOLED, or CLOSED if the middlebox then ends the flow. */
    void forget(long now, ExpiryCause cause, OnExpiry onExpiry) {
        switch (onExpiry) {
            case DROP, RESET_SENDER, RESET_CLIENT -> silence(table.middlebox(), cause);
            case STALL -> {
                client.pauseReading();
                if (upstream != null) {
                    upstream.pauseReading();
                }
            }
            case RESET_BOTH, CLOSE_BOTH -> {}
        }
        state = FlowState.BLACKHOLED;
        forgotten = new Forgotten(cause, onExpiry, now);
        table.emit(new FlowExpired(id, Instant.now(), cause, Duration.ofNanos(now - lastActivityAt), onExpiry));
        table.expired(this);
        if (onExpiry == OnExpiry.RESET_BOTH) {
            reset(ClosedBy.MIDDLEBOX, CloseReason.EXPIRED);
        } else if (onExpiry == OnExpiry.CLOSE_BOTH) {
            close(ClosedBy.MIDDLEBOX, CloseReason.EXPIRED);
        }
    }

    private void silence(Middlebox box, ExpiryCause cause) {
        boolean both = cause == ExpiryCause.DARK || cause == ExpiryCause.NO_UPSTREAM;
        if (both || box.direction().silences(Leg.CLIENT)) {
            client.blackhole();
        }
        if (upstream != null && (both || box.direction().silences(Leg.UPSTREAM))) {
            upstream.blackhole();
        }
    }

    /** The flow is forgotten now, whatever its activity; nothing happens to one that is not known. */
    boolean forgetNow(ExpiryCause cause) {
        if (!isKnown()) {
            return false;
        }
        OnExpiry onExpiry =
                cause == ExpiryCause.DARK ? OnExpiry.DROP : table.middlebox().onExpiry();
        forget(table.now(), cause, onExpiry);
        return true;
    }

    /** BLACKHOLED or TOMBSTONE → LIVE or HALF_CLOSED, or CONNECTING if the flow never had its upstream. */
    boolean heal() {
        LegEnd up = upstream;
        Forgotten was = forgotten;
        if (was == null || state == FlowState.CLOSED || !client.isOpen() || !connector.hasUpstream()) {
            return false;
        }
        if (up != null && !up.isOpen()) {
            return false;
        }
        forgotten = null;
        lastActivityAt = table.now();
        table.emit(new FlowHealed(id, Instant.now(), Duration.ofNanos(lastActivityAt - was.at)));
        if (up == null) {
            state = FlowState.CONNECTING;
            table.connecting(this);
            client.heal();
            connector.connect(client.channel, this);
        } else {
            state = client.isInputShut() || up.isInputShut() ? FlowState.HALF_CLOSED : FlowState.LIVE;
            table.opened(this);
            client.heal();
            up.heal();
            passOnWhatCameBefore(client, up);
            passOnWhatCameBefore(up, client);
        }
        return true;
    }

    /** Bytes and a FIN that were acknowledged before the flow was forgotten, and read after that. */
    private void passOnWhatCameBefore(LegEnd from, LegEnd to) {
        from.passHeldTo(to);
        if (from.isInputShut() && !to.isOutputShut()) {
            halfClose(from, to);
        }
    }

    /** Undoes what the dark did; flows forgotten for another reason stay forgotten. */
    void healFromDark() {
        if (forgotten != null && forgotten.cause == ExpiryCause.DARK) {
            heal();
        }
    }

    /** BLACKHOLED or TOMBSTONE → CLOSED, in silence where the kernel lets us. */
    void endTombstone(CloseReason reason) {
        end();
        table.closeQuietly(client);
        if (upstream != null) {
            table.closeQuietly(upstream);
        }
        emitClosed(ClosedBy.MIDDLEBOX, reason);
    }

    /** Ends the flow with a FIN to both sides; a forgotten one as its tombstone ends. */
    void shutDown() {
        switch (state) {
            case CONNECTING -> {
                end();
                client.close();
            }
            case LIVE, HALF_CLOSED -> {
                finishedFirst = ClosedBy.MIDDLEBOX;
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
        if (isKnown()) {
            close(ClosedBy.MIDDLEBOX, CloseReason.SHUTDOWN);
        }
    }

    private void end() {
        state = FlowState.CLOSED;
        client.releaseHeld();
        if (upstream != null) {
            upstream.releaseHeld();
        }
        table.remove(this);
    }

    private void emitClosed(ClosedBy by, CloseReason how) {
        Duration age = Duration.ofNanos(table.now() - acceptedAt);
        long fromUpstream = upstream == null ? 0 : upstream.bytesReceived();
        table.emit(new FlowClosed(id, Instant.now(), by, how, age, client.bytesReceived(), fromUpstream));
    }

    // What the legs' handlers report.

    /** The buffer is this flow's now. */
    void received(Leg leg, ByteBuf bytes) {
        LegEnd from = end(leg);
        LegEnd to = otherEnd(leg);
        lastActivityAt = table.now();
        from.received(bytes);
        if (!passesFrom(from) && state != FlowState.CLOSED) {
            // The kernel had acknowledged them before the flow fell silent, so its sender won't send them again.
            from.hold(bytes);
        } else if (state != FlowState.CLOSED && to != null && !to.isOutputShut()) {
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
        if (to != null && passesFrom(end(leg))) {
            to.flush();
        }
    }

    void writabilityChanged(Leg leg) {
        LegEnd source = otherEnd(leg);
        if (source != null && passesFrom(source) && end(leg).isWritable()) {
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
        if (to != null && passesFrom(from)) {
            halfClose(from, to);
        }
    }

    void broken(Leg leg, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.atDebug().addKeyValue("flow", id).setCause(cause).log("flow {}: {} leg broke", id, leg);
        } else {
            LOG.atError().addKeyValue("flow", id).setCause(cause).log("flow {}: unexpected on {} leg", id, leg);
        }
        gone(leg);
    }

    /** The leg is reset or closed, not by the flow. */
    void gone(Leg leg) {
        switch (state) {
            case CONNECTING -> {
                if (leg == Leg.CLIENT) {
                    reset(ClosedBy.CLIENT, CloseReason.RESET);
                }
            }
            case LIVE, HALF_CLOSED -> reset(by(end(leg)), CloseReason.RESET);
            case BLACKHOLED, TOMBSTONE -> {
                end(leg).close();
                endWhenBothGone();
            }
            case CLOSED -> {}
        }
    }

    private void endWhenBothGone() {
        if (state != FlowState.CLOSED && !client.isOpen() && (upstream == null || !upstream.isOpen())) {
            endTombstone(CloseReason.EXPIRED);
        }
    }

    // What the idle clock asks.

    @Override
    public long sampleActivity(long now, boolean exactDating) {
        long activity = client.sampleActivity(now, exactDating, lastActivityAt);
        if (upstream != null) {
            activity = upstream.sampleActivity(now, exactDating, activity);
        }
        if (table.middlebox().keepaliveRefreshes()) {
            lastActivityAt = activity;
        }
        if (client.isGone()) {
            gone(Leg.CLIENT);
        } else if (upstream != null && upstream.isGone()) {
            gone(Leg.UPSTREAM);
        }
        return lastActivityAt;
    }

    @Override
    public long acceptedAt() {
        return acceptedAt;
    }

    @Override
    public void expire(long now, ExpiryCause cause) {
        if (isKnown() && table.appliesTo(this)) {
            forget(now, cause, table.middlebox().onExpiry());
        }
    }

    @Override
    public void sampleDiscards(long now) {
        Forgotten was = forgotten;
        if (was == null) {
            return;
        }
        client.sampleDiscards(now, was.at, this::discarded);
        if (upstream != null) {
            upstream.sampleDiscards(now, was.at, this::discarded);
        }
        boolean clientSent = client.hasDiscarded();
        boolean upstreamSent = upstream != null && upstream.hasDiscarded();
        if (was.isToBeReset(Leg.CLIENT, clientSent, upstreamSent)) {
            answerWithReset(client);
        }
        if (upstream != null && was.isToBeReset(Leg.UPSTREAM, upstreamSent, clientSent)) {
            answerWithReset(upstream);
        }
        if (state == FlowState.BLACKHOLED && was.peersHaveGivenUp(now)) {
            state = FlowState.TOMBSTONE;
        }
        if (state != FlowState.CLOSED
                && was.quietFor(now).compareTo(table.middlebox().tombstoneTime()) >= 0) {
            endTombstone(CloseReason.TOMBSTONE_TIME);
        }
    }

    private void discarded(LegEnd leg, long number, Duration sinceExpiry, @Nullable Duration gap) {
        if (forgotten != null) {
            forgotten.discarded(sinceExpiry);
        }
        state = FlowState.BLACKHOLED;
        table.emit(new SegmentDiscarded(id, Instant.now(), leg.leg, number, sinceExpiry, gap));
    }

    private void answerWithReset(LegEnd leg) {
        if (leg.isOpen()) {
            leg.reset();
            table.emit(new ResetSent(id, Instant.now(), leg.leg));
            endWhenBothGone();
        }
    }

    // What others may know.

    void onItsLoop(Runnable task) {
        table.eventLoop().execute(task);
    }

    long id() {
        return id;
    }

    InetSocketAddress clientAddress() {
        return client.peer();
    }

    long lastActivityAt() {
        return lastActivityAt;
    }

    Flow snapshot() {
        long now = table.now();
        Middlebox box = table.middlebox();
        Duration idle = Duration.ofNanos(now - lastActivityAt);
        return new Flow(
                id,
                state,
                openedAt,
                idle,
                isKnown() && table.appliesTo(this) ? box.idleTimeout().minus(idle) : null,
                forgotten == null ? null : forgotten.snapshot(now),
                client.status(),
                upstream == null ? LegEnd.NOT_CONNECTED : upstream.status());
    }

    boolean hasEnded() {
        return state == FlowState.CLOSED;
    }

    private boolean isKnown() {
        return state == FlowState.LIVE || state == FlowState.HALF_CLOSED;
    }

    /** Whether what comes in on a leg is passed on: from all legs of a known flow, and from the one that still speaks. */
    private boolean passesFrom(LegEnd from) {
        boolean oneWay = (state == FlowState.BLACKHOLED || state == FlowState.TOMBSTONE)
                && !from.isSilent()
                && forgotten != null
                && forgotten.onExpiry == OnExpiry.DROP;
        return isKnown() || oneWay;
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
}
