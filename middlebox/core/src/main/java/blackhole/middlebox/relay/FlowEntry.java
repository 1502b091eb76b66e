package blackhole.middlebox.relay;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.FlowEvent.ClosedBy;
import blackhole.middlebox.flow.FlowState;
import blackhole.middlebox.flow.Leg;
import blackhole.middlebox.idle.DiscardWatch;
import blackhole.middlebox.idle.IdleClock;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A flow in the flow table: the state machine of {@link FlowState}, fed by its two legs' handlers and by the idle clock.
 * Everything runs on the event loop that both its channels are registered with.
 */
final class FlowEntry implements IdleClock.IdleFlow, DiscardWatch.BlackholedFlow {
    private static final Logger LOG = System.getLogger(FlowEntry.class.getName());

    private final long id;
    private final FlowTable table;
    private final UpstreamConnector connector;
    private final long acceptedAt;
    private final Instant openedAt = Instant.now();
    private final Legs legs;
    private final FlowRelay relaying;
    private final FlowEvents events;
    private FlowState state = FlowState.CONNECTING;
    /** Written on the event loop; read elsewhere to find the least recently active flow. */
    private volatile long lastActivityAt;

    private long knownSince;
    private @Nullable ExpiredFlow expired;

    FlowEntry(long id, FlowTable table, SocketChannel channel, UpstreamConnector connector) {
        this.id = id;
        this.table = table;
        this.connector = connector;
        acceptedAt = table.now();
        knownSince = acceptedAt;
        lastActivityAt = acceptedAt;
        legs = new Legs(channel, acceptedAt);
        relaying = new FlowRelay(this, legs);
        events = new FlowEvents(id, table, legs);
    }

    // Transitions.

    /** CONNECTING, or BLACKHOLED at once when there is no way on for it. */
    void accepted() {
        table.connecting(this);
        ExpiryCause refusal = table.refusalCause(this, connector.hasUpstream());
        if (refusal == null) {
            connector.connect(legs.client.channel, this);
        } else {
            expireUnconnected(refusal);
        }
    }

    /** CONNECTING → BLACKHOLED. */
    private void expireUnconnected(ExpiryCause cause) {
        events.opened();
        expire(table.now(), cause, OnExpiry.DROP);
    }

    void connecting(SocketChannel channel) {
        legs.connecting(channel);
    }

    /** CONNECTING → LIVE, and BLACKHOLED at once when there is no way on for it any more. */
    void connected(SocketChannel channel) {
        if (state != FlowState.CONNECTING) {
            channel.close();
            return;
        }
        ExpiryCause refusal = table.refusalCause(this, true);
        state = FlowState.LIVE;
        lastActivityAt = table.now();
        LegChannel upstream = legs.connected(channel, lastActivityAt);
        events.opened();
        if (refusal != null) {
            expire(lastActivityAt, refusal, OnExpiry.DROP);
            return;
        }
        table.opened(this);
        relaying.begin(legs.client, upstream);
    }

    /** CONNECTING → CLOSED: the client is sent a reset. */
    void unreachable(Endpoint endpoint, Throwable cause) {
        if (state == FlowState.CONNECTING) {
            end();
            legs.client.reset();
            events.unreachable(endpoint, cause);
            events.closed(ClosedBy.UPSTREAM, CloseReason.RESET, age());
        }
    }

    /** LIVE → HALF_CLOSED. */
    void halfClosed() {
        if (state == FlowState.LIVE) {
            state = FlowState.HALF_CLOSED;
        }
    }

    /** HALF_CLOSED → CLOSED: both sides have sent their FIN. */
    void finished(ClosedBy by, CloseReason how) {
        if (isKnown()) {
            close(by, how);
        }
    }

    /** → CLOSED, with a FIN to a side that has not had one. */
    void close(ClosedBy by, CloseReason how) {
        end();
        legs.each(LegChannel::close);
        events.closed(by, how, age());
    }

    /** → CLOSED, with a reset to both sides: what one side does to the other, or what somebody asked for. */
    void reset(ClosedBy by, CloseReason how) {
        if (state != FlowState.CLOSED) {
            end();
            legs.each(LegChannel::reset);
            events.closed(by, how, age());
        }
    }

    /** → BLACKHOLED, or CLOSED if the middlebox then ends the flow. */
    private void expire(long now, ExpiryCause cause, OnExpiry onExpiry) {
        state = FlowState.BLACKHOLED;
        legs.stopConnecting();
        expired = new ExpiredFlow(
                this, legs, events, cause, onExpiry, table.middlebox().direction(), now);
        expired.cutOff();
        events.expired(cause, Duration.ofNanos(now - lastActivityAt), onExpiry);
        expired.afterExpiry();
        if (!hasEnded()) {
            table.expired(this);
        }
    }

    /** The flow expires now, whatever its activity; nothing happens to one that is not known. */
    boolean expireNow(ExpiryCause cause) {
        if (!isKnown()) {
            return false;
        }
        expire(table.now(), cause, table.middlebox().onExpiry());
        return true;
    }

    /** BLACKHOLED → TOMBSTONE. */
    void peersHaveGivenUp() {
        if (state == FlowState.BLACKHOLED) {
            state = FlowState.TOMBSTONE;
        }
    }

    /** TOMBSTONE → BLACKHOLED: it had not given up. */
    void peerIsStillSending() {
        if (state == FlowState.TOMBSTONE) {
            state = FlowState.BLACKHOLED;
        }
    }

    /** What an expired flow becomes again: known, or CONNECTING if it never had its upstream. */
    boolean heal() {
        ExpiredFlow was = expired;
        if (was == null || hasEnded() || !legs.isOpen() || !connector.hasUpstream() || table.hasOutageFor(this)) {
            return false;
        }
        expired = null;
        lastActivityAt = table.now();
        knownSince = lastActivityAt;
        events.healed(was.age(lastActivityAt));
        if (legs.upstream() == null) {
            connectAtLast();
        } else {
            liveAgain();
        }
        return true;
    }

    /** BLACKHOLED or TOMBSTONE → CONNECTING. */
    private void connectAtLast() {
        state = FlowState.CONNECTING;
        table.connecting(this);
        legs.client.heal();
        // As with any client, what it sends waits in the kernel until there is somebody to pass it to.
        legs.client.pauseReading();
        connector.connect(legs.client.channel, this);
    }

    /** BLACKHOLED or TOMBSTONE → LIVE or HALF_CLOSED. */
    private void liveAgain() {
        state = legs.isHalfClosed() ? FlowState.HALF_CLOSED : FlowState.LIVE;
        table.opened(this);
        legs.each(LegChannel::heal);
        relaying.passWhatCameBefore();
        relaying.endWhenBothFinished();
    }

    /** Whatever the flow's state is, its peers meet silence now. */
    void beginOutage() {
        if (!table.hasOutageFor(this)) {
            return;
        }
        if (state == FlowState.CONNECTING) {
            expireUnconnected(ExpiryCause.OUTAGE);
        } else if (isKnown()) {
            expire(table.now(), ExpiryCause.OUTAGE, OnExpiry.DROP);
        } else if (hasExpired() && expired != null) {
            expired.beginOutage();
        }
    }

    /** Undoes what the outage did; flows expired for another reason stay expired. */
    void endOutage() {
        if (expired == null || !hasExpired()) {
            return;
        }
        if (expired.cause == ExpiryCause.OUTAGE) {
            heal();
            return;
        }
        expired.endOutage();
        relaying.passWhatCameBefore();
    }

    /** BLACKHOLED or TOMBSTONE → CLOSED, in silence where the kernel lets us. */
    void endTombstone(CloseReason reason) {
        if (hasExpired()) {
            end();
            legs.each(table::closeQuietly);
            events.closed(ClosedBy.MIDDLEBOX, reason, age());
        }
    }

    /** Ends the flow with a FIN to both sides; an expired one as its tombstone ends. */
    void shutDown() {
        switch (state) {
            case CONNECTING -> close(ClosedBy.MIDDLEBOX, CloseReason.SHUTDOWN);
            case LIVE, HALF_CLOSED -> relaying.finishBoth();
            case BLACKHOLED, TOMBSTONE -> endTombstone(CloseReason.SHUTDOWN);
            case CLOSED -> {}
        }
    }

    /** What is left of the flow ends now, whatever its peers do. */
    void shutDownNow() {
        if (hasExpired()) {
            endTombstone(CloseReason.SHUTDOWN);
        } else if (!hasEnded()) {
            close(ClosedBy.MIDDLEBOX, CloseReason.SHUTDOWN);
        }
    }

    private void end() {
        state = FlowState.CLOSED;
        legs.stopConnecting();
        legs.each(LegChannel::releaseHeld);
        table.remove(this);
    }

    // What the legs' handlers report.

    void noteActivity() {
        lastActivityAt = table.now();
    }

    void broken(Leg leg, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.log(Level.DEBUG, () -> "flow " + id + ": " + leg + " leg broke", cause);
        } else {
            LOG.log(Level.ERROR, () -> "flow " + id + ": unexpected error on the " + leg + " leg", cause);
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
            case LIVE, HALF_CLOSED -> reset(by(leg), CloseReason.RESET);
            case BLACKHOLED, TOMBSTONE -> {
                legs.end(leg).close();
                legIsGone();
            }
            case CLOSED -> {}
        }
    }

    /** Nobody is left who could be told anything, once the other leg is gone too. */
    void legIsGone() {
        if (legs.areClosed()) {
            endTombstone(CloseReason.EXPIRED);
        }
    }

    // What the idle clock asks.

    @Override
    public long sampleActivity(long now, boolean exactDating) {
        long activity = legs.sampleActivity(now, exactDating, lastActivityAt);
        if (table.middlebox().keepaliveRefreshes()) {
            lastActivityAt = activity;
        }
        Leg gone = legs.gone();
        if (gone != null) {
            gone(gone);
        }
        return lastActivityAt;
    }

    @Override
    public long knownSince() {
        return knownSince;
    }

    @Override
    public void expire(long now, ExpiryCause cause) {
        if (isKnown() && table.appliesTo(this)) {
            expire(now, cause, table.middlebox().onExpiry());
        }
    }

    @Override
    public void sampleDiscards(long now) {
        if (expired != null) {
            expired.sampleDiscards(now, table.middlebox().tombstoneTime());
        }
    }

    // What others may know.

    void expireLater(ExpiryCause cause) {
        table.execute("expiry", () -> expireNow(cause));
    }

    void endTombstoneLater(CloseReason reason) {
        table.execute("tombstone", () -> endTombstone(reason));
    }

    long id() {
        return id;
    }

    FlowRelay relaying() {
        return relaying;
    }

    InetSocketAddress clientAddress() {
        return legs.client.peer();
    }

    long lastActivityAt() {
        return lastActivityAt;
    }

    Flow snapshot() {
        long now = table.now();
        MiddleboxConfig box = table.middlebox();
        Duration idle = Duration.ofNanos(now - lastActivityAt);
        return new Flow(
                id,
                state,
                openedAt,
                idle,
                isKnown() && table.appliesTo(this) ? box.idleTimeout().minus(idle) : null,
                expired == null ? null : expired.snapshot(now),
                legs.client.status(),
                legs.upstreamStatus());
    }

    boolean hasEnded() {
        return state == FlowState.CLOSED;
    }

    boolean isConnecting() {
        return state == FlowState.CONNECTING;
    }

    private boolean isKnown() {
        return state == FlowState.LIVE || state == FlowState.HALF_CLOSED;
    }

    private boolean hasExpired() {
        return state == FlowState.BLACKHOLED || state == FlowState.TOMBSTONE;
    }

    /** Whether what comes in on a leg is passed on: from both of a known flow, and from the one that still speaks. */
    boolean passesFrom(LegChannel from) {
        return isKnown() || (hasExpired() && !from.isCutOff());
    }

    private Duration age() {
        return Duration.ofNanos(table.now() - acceptedAt);
    }

    static ClosedBy by(Leg leg) {
        return switch (leg) {
            case CLIENT -> ClosedBy.CLIENT;
            case UPSTREAM -> ClosedBy.UPSTREAM;
        };
    }
}
