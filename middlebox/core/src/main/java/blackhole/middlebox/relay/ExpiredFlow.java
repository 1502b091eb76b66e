package blackhole.middlebox.relay;

import blackhole.middlebox.config.Direction;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.FlowEvent.ClosedBy;
import blackhole.middlebox.flow.FlowState;
import blackhole.middlebox.flow.Leg;
import blackhole.middlebox.relay.expiry.ExpiringFlow;
import blackhole.middlebox.relay.expiry.ExpiryBehaviour;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of a flow's life after it expired: what happens to its packets, and what is seen of its peers. Belongs to
 * the flow's event loop.
 */
final class ExpiredFlow implements State, ExpiringFlow {
    /** Longer than TCP_RTO_MAX, 120 s in net/tcp.h: a peer that sent nothing for so long has stopped retransmitting. */
    private static final long PEERS_HAVE_GIVEN_UP = Duration.ofSeconds(125).toNanos();

    final ExpiryCause cause;

    private final OnExpiry onExpiry;
    private final ExpiryBehaviour behaviour;
    private final long at;
    private final FlowEntry flow;
    private final Legs legs;
    private final List<LegChannel> blackholedByOutage = new ArrayList<>(0);
    private boolean outage;
    private long lastDiscardAt;

    /** @param direction whose packets are dropped, unless there is no upstream or an outage: then both are */
    ExpiredFlow(FlowEntry flow, ExpiryCause cause, OnExpiry onExpiry, Direction direction, long at) {
        this.flow = flow;
        legs = flow.legs;
        this.cause = cause;
        this.onExpiry = onExpiry;
        this.at = at;
        boolean bothLegs = cause == ExpiryCause.OUTAGE || legs.upstream() == null;
        behaviour = ExpiryBehaviour.of(onExpiry, bothLegs ? Direction.BOTH : direction);
        lastDiscardAt = at;
    }

    void cutOff() {
        behaviour.cutOff(this);
    }

    void afterExpiry() {
        behaviour.expired(this);
    }

    @Override
    public void blackhole(Leg leg) {
        legs.with(leg, LegChannel::blackhole);
    }

    @Override
    public void stopReading(Leg leg) {
        legs.with(leg, LegChannel::stall);
    }

    @Override
    public void answerWithReset(Leg leg) {
        legs.with(leg, channel -> {
            if (channel.isOpen()) {
                channel.reset();
                flow.events.resetSent(leg);
                endWhenBothGone();
            }
        });
    }

    @Override
    public void resetBoth() {
        flow.reset(ClosedBy.MIDDLEBOX, CloseReason.EXPIRED);
    }

    @Override
    public void closeBoth() {
        flow.close(ClosedBy.MIDDLEBOX, CloseReason.EXPIRED);
    }

    /** The leg was closed by its peer, or broke. */
    void gone(Leg leg) {
        legs.end(leg).close();
        endWhenBothGone();
    }

    private void endWhenBothGone() {
        if (legs.all(leg -> !leg.isOpen())) {
            flow.endTombstone(CloseReason.EXPIRED);
        }
    }

    /** Blackholes the legs that still relay, acknowledge or answer something. */
    void beginOutage() {
        outage = true;
        legs.each(leg -> {
            if (leg.isOpen() && !leg.isBlackholed()) {
                leg.blackhole();
                blackholedByOutage.add(leg);
            }
        });
    }

    void endOutage() {
        outage = false;
        blackholedByOutage.forEach(LegChannel::endBlackhole);
        blackholedByOutage.clear();
    }

    /** Looks at what the legs have discarded, and acts on it. */
    void sampleDiscards(long now, Duration tombstoneTime) {
        legs.each(leg -> leg.sampleDiscards(now, at, this::discarded));
        if (!outage) {
            legs.each(leg -> {
                if (leg.hasDiscarded()) {
                    behaviour.discarded(this, leg.leg);
                }
            });
        }
        if (now - lastDiscardAt >= tombstoneTime.toNanos()) {
            flow.endTombstone(CloseReason.TOMBSTONE_TIME);
        }
    }

    private void discarded(Leg from, long number, Duration sinceExpiry, @Nullable Duration gap) {
        lastDiscardAt = at + sinceExpiry.toNanos();
        flow.events.discarded(from, number, sinceExpiry, gap);
    }

    @Override
    public FlowState at(long now) {
        boolean peersHaveGivenUp = lastDiscardAt != at && now - lastDiscardAt > PEERS_HAVE_GIVEN_UP;
        return peersHaveGivenUp ? FlowState.TOMBSTONE : FlowState.BLACKHOLED;
    }

    Duration age(long now) {
        return Duration.ofNanos(now - at);
    }

    Flow.Expiry snapshot(long now) {
        return new Flow.Expiry(cause, onExpiry, age(now));
    }
}
