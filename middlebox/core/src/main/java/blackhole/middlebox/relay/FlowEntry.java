package blackhole.middlebox.relay;

import blackhole.middlebox.codec.FlowCodec;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.FlowEvent.ClosedBy;
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
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A flow in the flow table: its legs and its {@link State}, with one method for each transition. Driven by the legs'
 * handlers, the idle clock and commands, all on the event loop that both channels are registered with.
 */
final class FlowEntry implements IdleClock.IdleFlow, DiscardWatch.BlackholedFlow {
    private static final Logger LOG = System.getLogger(FlowEntry.class.getName());

    final long id;
    final Legs legs;
    final FlowEvents events;
    final FlowRelay relay;

    private final FlowTable table;
    private final @Nullable FlowCodec codec;
    private final @Nullable Endpoint upstreamEndpoint;
    private final Duration connectTimeout;
    private final long acceptedAt;
    private final Instant openedAt = Instant.now();
    private State state;
    /** Written on the event loop; read elsewhere to find the least recently active flow. */
    private volatile long lastActivityAt;

    /**
     * @param codec null if bytes are only relayed
     * @param upstream null if there is none
     */
    FlowEntry(
            long id,
            FlowTable table,
            SocketChannel channel,
            @Nullable FlowCodec codec,
            @Nullable Endpoint upstream,
            Duration connectTimeout) {
        this.id = id;
        this.table = table;
        this.codec = codec;
        upstreamEndpoint = upstream;
        this.connectTimeout = connectTimeout;
        acceptedAt = table.now();
        lastActivityAt = acceptedAt;
        state = new ConnectingFlow(this, acceptedAt);
        legs = new Legs(table.server.platform, channel, acceptedAt);
        events = new FlowEvents(id, table.server, legs, codec);
        relay = new FlowRelay(this);
    }

    // Transitions.

    /** CONNECTING, or BLACKHOLED at once if the flow is refused. */
    void accepted() {
        ExpiryCause refusal = table.refusalCause(this, upstreamEndpoint != null);
        if (refusal == null) {
            connect(acceptedAt);
        } else {
            drop(refusal);
        }
    }

    /** → CONNECTING. */
    private void connect(long now) {
        ConnectingFlow connecting = new ConnectingFlow(this, now);
        become(connecting);
        table.connecting(this);
        connecting.connect(table.server, codec, Objects.requireNonNull(upstreamEndpoint), connectTimeout);
    }

    /** CONNECTING → LIVE, or BLACKHOLED if the flow has been refused in the meantime. */
    void connected(SocketChannel channel, long since) {
        lastActivityAt = table.now();
        LegChannel upstream = legs.connected(channel, lastActivityAt);
        become(new State.Live(legs, since));
        ExpiryCause refusal = table.refusalCause(this, true);
        if (refusal != null) {
            drop(refusal);
            return;
        }
        events.opened();
        table.track(this);
        relay.begin(legs.client, upstream);
        passOnUnseenEnd();
    }

    /** CONNECTING → CLOSED, with a RST to the client. */
    void unreachable(Endpoint endpoint, String reason) {
        events.unreachable(endpoint, reason);
        end(LegChannel::reset, ClosedBy.UPSTREAM, CloseReason.RESET);
    }

    /** CONNECTING, LIVE or HALF_CLOSED → BLACKHOLED, or CLOSED if the on-expiry behaviour ends the flow. */
    private void expire(long now, ExpiryCause cause, OnExpiry onExpiry) {
        ExpiredFlow expired =
                new ExpiredFlow(this, cause, onExpiry, table.config().direction(), now);
        become(expired);
        expired.cutOff();
        events.expired(cause, Duration.ofNanos(now - lastActivityAt), onExpiry);
        expired.afterExpiry();
        if (state == expired) {
            table.expired(this);
        }
    }

    /** Expires a flow that the middlebox refuses, whatever the on-expiry behaviour. */
    private void drop(ExpiryCause cause) {
        events.opened();
        expire(table.now(), cause, OnExpiry.DROP);
    }

    /** Expires the flow regardless of its activity. Returns false if it is not tracked. */
    boolean expireNow(ExpiryCause cause) {
        if (!isTracked()) {
            return false;
        }
        expire(table.now(), cause, table.config().onExpiry());
        return true;
    }

    /** BLACKHOLED or TOMBSTONE → LIVE or HALF_CLOSED, or CONNECTING if the upstream was never connected. */
    boolean heal() {
        if (!(state instanceof ExpiredFlow expired)
                || !legs.all(LegChannel::isOpen)
                || upstreamEndpoint == null
                || table.hasOutageFor(this)) {
            return false;
        }
        lastActivityAt = table.now();
        events.healed(expired.age(lastActivityAt));
        if (legs.upstream() == null) {
            legs.client.heal();
            // As with any client, what it sends waits in the kernel until the upstream is connected.
            legs.client.pauseReading();
            connect(lastActivityAt);
        } else {
            become(new State.Live(legs, lastActivityAt));
            table.track(this);
            legs.each(LegChannel::heal);
            relay.passHeld();
            relay.closeWhenBothFinished();
        }
        return true;
    }

    /** CONNECTING, LIVE or HALF_CLOSED → BLACKHOLED; an expired flow is blackholed on both legs. */
    void beginOutage() {
        if (!table.hasOutageFor(this)) {
            return;
        }
        if (state instanceof ExpiredFlow expired) {
            expired.beginOutage();
        } else if (!legs.client.isOpen() && legs.upstream() == null) {
            reset(ClosedBy.CLIENT, CloseReason.RESET);
        } else if (!hasEnded()) {
            drop(ExpiryCause.OUTAGE);
        }
    }

    /** Undoes {@link #beginOutage()}; flows that expired for another reason stay expired. */
    void endOutage() {
        if (!(state instanceof ExpiredFlow expired)) {
            return;
        }
        if (expired.cause == ExpiryCause.OUTAGE) {
            heal();
        } else {
            expired.endOutage();
            relay.passHeld();
        }
    }

    /** HALF_CLOSED → CLOSED: both sides have sent their FIN. */
    void finished(ClosedBy by, CloseReason how) {
        if (isTracked()) {
            close(by, how);
        }
    }

    /** → CLOSED, with a FIN to each side that has not received one. */
    void close(ClosedBy by, CloseReason how) {
        end(LegChannel::close, by, how);
    }

    /** → CLOSED, with a RST to both sides. */
    void reset(ClosedBy by, CloseReason how) {
        end(LegChannel::reset, by, how);
    }

    /** BLACKHOLED or TOMBSTONE → CLOSED, without a FIN where the kernel permits. */
    void endTombstone(CloseReason reason) {
        if (state instanceof ExpiredFlow) {
            end(table::closeWithoutFin, ClosedBy.MIDDLEBOX, reason);
        }
    }

    /** LIVE or HALF_CLOSED: sends FIN to both sides, and ends when they answer. Other states end at once. */
    void shutDown() {
        if (isTracked()) {
            relay.finishBoth();
        } else {
            shutDownNow();
        }
    }

    /** → CLOSED, whatever the peers do. */
    void shutDownNow() {
        if (state instanceof ExpiredFlow) {
            endTombstone(CloseReason.SHUTDOWN);
        } else {
            close(ClosedBy.MIDDLEBOX, CloseReason.SHUTDOWN);
        }
    }

    private void end(Consumer<LegChannel> closing, ClosedBy by, CloseReason how) {
        if (hasEnded()) {
            return;
        }
        become(new State.Closed());
        legs.each(LegChannel::releaseHeld);
        table.remove(this);
        legs.each(closing);
        events.closed(by, how, Duration.ofNanos(table.now() - acceptedAt));
    }

    private void become(State next) {
        State previous = state;
        state = next;
        if (previous instanceof ConnectingFlow connecting) {
            connecting.cancel();
        }
    }

    // What the legs report.

    void noteActivity() {
        lastActivityAt = table.now();
    }

    void broken(Leg leg, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.log(Level.DEBUG, () -> "flow " + id + ": " + leg + " leg broke", cause);
        } else {
            table.server.failures.report("relay of the " + leg + " leg", cause);
        }
        gone(leg);
    }

    /** The leg was reset or closed by its peer, or broke. */
    void gone(Leg leg) {
        if (state instanceof ExpiredFlow expired) {
            expired.gone(leg);
        } else if (isTracked()) {
            reset(by(leg), CloseReason.RESET);
        } else if (leg == Leg.CLIENT) {
            // What it sent, and then its reset, are passed on once the upstream is connected.
            legs.client.close();
        }
    }

    private void passOnUnseenEnd() {
        Leg gone = legs.gone();
        if (gone != null) {
            gone(gone);
        }
    }

    // Called by the idle clock and the discard watch.

    @Override
    public long sampleActivity(long now, boolean exactDating) {
        lastActivityAt = legs.sampleActivity(now, exactDating, !table.config().keepaliveRefreshes(), lastActivityAt);
        passOnUnseenEnd();
        return lastActivityAt;
    }

    @Override
    public long trackedSince() {
        return state instanceof State.Live live ? live.since() : acceptedAt;
    }

    @Override
    public void expire(long now, ExpiryCause cause) {
        if (isTracked() && table.appliesTo(this)) {
            expire(now, cause, table.config().onExpiry());
        }
    }

    @Override
    public void sampleDiscards(long now) {
        if (state instanceof ExpiredFlow expired) {
            expired.sampleDiscards(now, table.config().tombstoneTime());
        }
    }

    // Other accessors.

    /** Runs a transition on the flow's event loop, later. */
    void execute(String name, Runnable transition) {
        table.execute(name, transition);
    }

    InetSocketAddress clientAddress() {
        return legs.client.channel.remoteAddress();
    }

    long lastActivityAt() {
        return lastActivityAt;
    }

    Flow snapshot() {
        long now = table.now();
        MiddleboxConfig config = table.config();
        Duration idle = Duration.ofNanos(now - lastActivityAt);
        return new Flow(
                id,
                events.description(),
                state.at(now),
                openedAt,
                idle,
                isTracked() && table.appliesTo(this) ? config.idleTimeout().minus(idle) : null,
                state instanceof ExpiredFlow expired ? expired.snapshot(now) : null,
                legs.client.status(),
                legs.upstreamStatus());
    }

    boolean isIn(State expected) {
        return state == expected;
    }

    private boolean isTracked() {
        return state instanceof State.Live;
    }

    boolean hasEnded() {
        return state instanceof State.Closed;
    }

    /** Whether what a leg receives is passed on: always on a tracked flow, on an expired one if only the other is cut off. */
    boolean passesFrom(LegChannel from) {
        return isTracked() || (state instanceof ExpiredFlow && !from.isCutOff());
    }

    static ClosedBy by(Leg leg) {
        return leg == Leg.CLIENT ? ClosedBy.CLIENT : ClosedBy.UPSTREAM;
    }
}
