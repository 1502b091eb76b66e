package blackhole.middlebox.config;

/** Whose packets are dropped once a flow has expired. */
public enum Direction {
    /** The client's; what the upstream sends still reaches the client. */
    CLIENT_TO_UPSTREAM,
    /** The upstream's; what the client sends still reaches the upstream. */
    UPSTREAM_TO_CLIENT,
    BOTH
}
