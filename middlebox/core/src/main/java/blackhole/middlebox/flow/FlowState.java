package blackhole.middlebox.flow;

/** The life of a flow: {@code CONNECTING → LIVE → HALF_CLOSED → CLOSED}, or {@code BLACKHOLED → TOMBSTONE → CLOSED} on expiry. */
public enum FlowState {
    /** The client is accepted, the upstream not yet connected. */
    CONNECTING,
    /** Bytes are relayed both ways. */
    LIVE,
    /** One side has sent FIN; bytes are relayed the other way. */
    HALF_CLOSED,
    /** Expired: what comes in on either leg meets the on-expiry behaviour. */
    BLACKHOLED,
    /**
     * Blackholed, and a peer that was retransmitting has been quiet for longer than the longest gap there is between two
     * retransmissions (120 s, {@code TCP_RTO_MAX} in net/tcp.h), so it has given up. The sockets are kept so that
     * nothing is sent.
     */
    TOMBSTONE,
    /** Both legs are closed. */
    CLOSED
}
