package blackhole.proxy;

/** What a flow's packets meet once the middlebox has forgotten it. */
public enum OnExpiry {
    /** Silence: nothing is acknowledged, no FIN, no RST. The kernel itself discards every segment. */
    DROP,

    /**
     * The proxy stops reading, and its kernel goes on acknowledging. Not what a NAT does: no retransmission, no failing
     * keepalive, no TCP_USER_TIMEOUT. For systems that are not Linux, and to show the difference.
     */
    STALL
}
