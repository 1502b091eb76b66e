package blackhole.proxy.relay;

import blackhole.proxy.ExpiryCause;
import blackhole.proxy.Flow;
import blackhole.proxy.Leg;
import blackhole.proxy.OnExpiry;
import java.time.Duration;

/** How a flow was forgotten, and the last sign of its peers since then. Belongs to the flow's event loop. */
final class Forgotten {
    /** Longer than TCP_RTO_MAX, 120 s in net/tcp.h: a peer quiet for so long is not retransmitting any more. */
    private static final long PEER_HAS_GIVEN_UP = Duration.ofSeconds(125).toNanos();

    final ExpiryCause cause;
    final OnExpiry onExpiry;
    final long at;
    private long lastDiscardAt;

    Forgotten(ExpiryCause cause, OnExpiry onExpiry, long at) {
        this.cause = cause;
        this.onExpiry = onExpiry;
        this.at = at;
        lastDiscardAt = at;
    }

    void discarded(Duration sinceExpiry) {
        lastDiscardAt = at + sinceExpiry.toNanos();
    }

    /** Since the last discarded segment, or since expiry if there was none. */
    Duration quietFor(long now) {
        return Duration.ofNanos(now - lastDiscardAt);
    }

    boolean peersHaveGivenUp(long now) {
        return lastDiscardAt != at && now - lastDiscardAt > PEER_HAS_GIVEN_UP;
    }

    /** Whether the peer of {@code leg} is now answered with a reset for what was discarded, unacknowledged, on the legs. */
    boolean isToBeReset(Leg leg, boolean discardedOnIt, boolean discardedOnTheOther) {
        return switch (onExpiry) {
            case RESET_SENDER -> discardedOnIt;
            case RESET_CLIENT -> leg == Leg.CLIENT && (discardedOnIt || discardedOnTheOther);
            case DROP, RESET_BOTH, CLOSE_BOTH, STALL -> false;
        };
    }

    Flow.Expiry snapshot(long now) {
        return new Flow.Expiry(cause, onExpiry, Duration.ofNanos(now - at));
    }
}
