package blackhole.proxy;

/** What a new connection meets when the flow table holds {@link Middlebox#maxFlows()}. */
public enum WhenFull {
    /** The least recently active flow is forgotten for it. */
    FORGET,
    /** Its SYN gets no answer. */
    IGNORE
}
