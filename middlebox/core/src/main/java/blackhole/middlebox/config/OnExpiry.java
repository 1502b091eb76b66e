package blackhole.middlebox.config;

/** What happens to a flow's packets once the middlebox has expired it. */
public enum OnExpiry {
    /** Nothing is acknowledged, no FIN, no RST: the kernel itself discards every segment. */
    DROP("its packets are dropped"),

    /** Packets are dropped; a side that sends one gets a RST, and its packet is not acknowledged. */
    RESET_SENDER("its packets are dropped and their sender is reset"),

    /** Packets are dropped; once either side sends one, the client gets a RST. The packet is not acknowledged. */
    RESET_CLIENT("its packets are dropped and the client is reset"),

    /** A RST to both sides at expiry. */
    RESET_BOTH("both sides are reset"),

    /** A FIN to both sides at expiry, as a box that terminates TCP sends. */
    CLOSE_BOTH("both sides are sent a FIN"),

    /**
     * The proxy stops reading, and its kernel keeps acknowledging. Not what a NAT does: no retransmission, no failing
     * keepalive, no TCP_USER_TIMEOUT. For systems that are not Linux, and to show the difference.
     */
    STALL("the proxy stops reading, and the kernel still acknowledges");

    private final String description;

    OnExpiry(String description) {
        this.description = description;
    }

    /** Returns what happens at expiry, as the end of a sentence about a flow. */
    public String description() {
        return description;
    }
}
