package blackhole.middlebox.flow;

/** The life of a flow: CONNECTING → LIVE → HALF_CLOSED → CLOSED, with expiry BLACKHOLED → TOMBSTONE → CLOSED. */
public enum FlowState {
    /** The client is accepted, the upstream not yet connected. */
    CONNECTING,
    /** Bytes are relayed both ways. */
    LIVE,
    /** One side has sent FIN; bytes are relayed the other way. */
    HALF_CLOSED,
    /** Expired: the on-expiry behaviour applies to its packets. */
    BLACKHOLED,
    /**
     * Expired, and nothing was discarded for longer than the longest gap between two retransmissions (120 s, {@code
     * TCP_RTO_MAX} in net/tcp.h), so the peers have given up. The sockets are kept so that nothing is sent.
     */
    TOMBSTONE,
    /** Both legs are closed. */
    CLOSED
}
