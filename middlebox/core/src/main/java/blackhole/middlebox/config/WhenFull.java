package blackhole.middlebox.config;

/** What a new connection meets when the flow table holds {@link MiddleboxConfig#maxFlows()}. */
public enum WhenFull {
    /** The least recently active flow expires for it. */
    EXPIRE_LONGEST_IDLE,
    /** Its SYN gets no answer. */
    IGNORE
}
