package blackhole.proxy;

/** Why a flow was forgotten. */
public enum ExpiryCause {
    /** It was idle for the idle timeout. */
    IDLE,
    /** It was as old as the middlebox lets a flow become. */
    LIFETIME,
    /** The flow table was full. */
    TABLE_FULL,
    /** Somebody told the proxy to forget it. */
    COMMAND,
    /** Everything went dark; the flow is healed when the light comes back. */
    DARK,
    /** Its route has no upstream. */
    NO_UPSTREAM
}
