package blackhole.middlebox.flow;

/** Why a flow expired. */
public enum ExpiryCause {
    /** It was idle for the idle timeout. */
    IDLE,
    /** It was as old as the middlebox lets a flow become. */
    LIFETIME,
    /** The flow table was full. */
    TABLE_FULL,
    /** Somebody told the proxy to expire it. */
    COMMAND,
    /** Everything blackholed by an outage; the flow is healed when the light comes back. */
    OUTAGE,
    /** Its route has no upstream. */
    NO_UPSTREAM
}
