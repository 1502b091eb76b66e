package blackhole.middlebox.config;

/** What a flow's packets meet once the middlebox has expired it. */
public enum OnExpiry {
    /** Silence: nothing is acknowledged, no FIN, no RST. The kernel itself discards every segment. */
    DROP,

    /** Silence until a side sends: its packet is not acknowledged, and its sender gets a RST. */
    RESET_SENDER,

    /** Silence until either side sends: its packet is not acknowledged, and the client gets a RST. */
    RESET_CLIENT,

    /** A RST to both sides at expiry. */
    RESET_BOTH,

    /** A FIN to both sides at expiry, as a box that terminates TCP sends. */
    CLOSE_BOTH,

    /**
     * The proxy stops reading, and its kernel goes on acknowledging. Not what a NAT does: no retransmission, no failing
     * keepalive, no TCP_USER_TIMEOUT. For systems that are not Linux, and to show the difference.
     */
    STALL
}
