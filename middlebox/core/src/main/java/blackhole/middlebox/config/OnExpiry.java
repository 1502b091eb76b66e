package blackhole.middlebox.config;

/** What the middlebox does with the packets of an expired flow. */
public enum OnExpiry {
    /** The kernel discards every segment: no acknowledgement, no FIN, no RST. */
    DROP,

    /** The next packet of each side is discarded unacknowledged, and that side gets a RST. */
    RESET_SENDER,

    /** The next packet of either side is discarded unacknowledged, and the client gets a RST. */
    RESET_CLIENT,

    /** A RST to both sides at expiry. */
    RESET_BOTH,

    /** A FIN to both sides at expiry, as a device that terminates TCP sends. */
    CLOSE_BOTH,

    /**
     * The proxy only stops reading, while its kernel still acknowledges. No NAT does this: there is no retransmission,
     * keepalive doesn't fail and TCP_USER_TIMEOUT doesn't fire. For systems other than Linux, and to show the difference.
     */
    STALL
}
