package blackhole.middlebox.relay;

import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.Leg;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of a flow's life after it expired: what its packets meet, and what is seen of its peers. Belongs to the
 * flow's event loop.
 */
final class ExpiredFlow {
    /** Longer than TCP_RTO_MAX, 120 s in net/tcp.h: a peer quiet for so long is not retransmitting any more. */
    private static final long PEER_HAS_GIVEN_UP = Duration.ofSeconds(125).toNanos();

    final ExpiryCause cause;

    private final OnExpiry onExpiry;
    private final long at;
    private final FlowEntry flow;
    private final Legs legs;
    private final FlowEvents events;
    private final List<LegChannel> blackholedByOutage = new ArrayList<>(0);
    private boolean outage;
    private long lastDiscardAt;

    ExpiredFlow(FlowEntry flow, Legs legs, FlowEvents events, ExpiryCause cause, OnExpiry onExpiry, long at) {
        this.flow = flow;
        this.legs = legs;
        this.events = events;
        this.cause = cause;
        this.onExpiry = onExpiry;
        this.at = at;
        lastDiscardAt = at;
    }

    /** From now on the flow's packets meet what they are to meet, as far as that is silence. */
    void fallSilent(MiddleboxConfig box) {
        switch (onExpiry) {
            case DROP, RESET_SENDER, RESET_CLIENT ->
                legs.each(end -> {
                    if (silences(end.leg, box)) {
                        end.blackhole();
                    }
                });
            case STALL -> legs.each(LegChannel::pauseReading);
            case RESET_BOTH, CLOSE_BOTH -> {}
        }
    }

    private boolean silences(Leg leg, MiddleboxConfig box) {
        return cause == ExpiryCause.OUTAGE
                || legs.upstream() == null
                || box.direction().silences(leg);
    }

    /** From now on there is silence even where the flow would still pass something on, acknowledge it or answer it. */
    void beginOutage() {
        outage = true;
        legs.each(end -> {
            if (end.isOpen() && !end.isSilent()) {
                end.blackhole();
                blackholedByOutage.add(end);
            }
        });
    }

    void endOutage() {
        outage = false;
        blackholedByOutage.forEach(LegChannel::heal);
        blackholedByOutage.clear();
        if (onExpiry == OnExpiry.STALL) {
            legs.each(LegChannel::pauseReading);
        }
    }

    /** Whether what comes in is still passed on: where one direction only is silent, and this is the other. */
    boolean passesFrom(LegChannel from) {
        return onExpiry == OnExpiry.DROP && !from.isSilent();
    }

    /** Looks at what the legs have discarded, and does what follows from that. */
    void sampleDiscards(long now, Duration tombstoneTime) {
        legs.sampleDiscards(now, at, this::discarded);
        switch (outage ? OnExpiry.DROP : onExpiry) {
            case RESET_SENDER -> legs.each(this::answerSender);
            case RESET_CLIENT -> {
                if (legs.hasDiscarded()) {
                    answerWithReset(legs.client);
                }
            }
            case DROP, RESET_BOTH, CLOSE_BOTH, STALL -> {}
        }
        if (peersHaveGivenUp(now)) {
            flow.peersHaveGivenUp();
        }
        if (now - lastDiscardAt >= tombstoneTime.toNanos()) {
            flow.endTombstone(CloseReason.TOMBSTONE_TIME);
        }
    }

    private void discarded(LegChannel from, long number, Duration sinceExpiry, @Nullable Duration gap) {
        lastDiscardAt = at + sinceExpiry.toNanos();
        flow.peerIsStillSending();
        events.discarded(from.leg, number, sinceExpiry, gap);
    }

    private void answerSender(LegChannel leg) {
        if (leg.hasDiscarded()) {
            answerWithReset(leg);
        }
    }

    /** What was discarded was not acknowledged, so for its sender the reset is the answer to it. */
    private void answerWithReset(LegChannel leg) {
        if (leg.isOpen()) {
            leg.reset();
            events.resetSent(leg.leg);
            flow.legIsGone();
        }
    }

    private boolean peersHaveGivenUp(long now) {
        return lastDiscardAt != at && now - lastDiscardAt > PEER_HAS_GIVEN_UP;
    }

    Duration age(long now) {
        return Duration.ofNanos(now - at);
    }

    Flow.Expiry snapshot(long now) {
        return new Flow.Expiry(cause, onExpiry, age(now));
    }
}
