package blackhole.middlebox.flow;

/** Why a flow expired. */
public enum ExpiryCause {
    /** It was idle for the idle timeout. */
    IDLE,
    /** It reached the maximum lifetime. */
    LIFETIME,
    /** The flow table was full. */
    TABLE_FULL,
    /** By command. */
    COMMAND,
    /** An outage began; its end heals the flow. */
    OUTAGE,
    /** Its route has no upstream. */
    NO_UPSTREAM
}
