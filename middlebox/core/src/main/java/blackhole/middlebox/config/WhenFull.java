package blackhole.middlebox.config;

/** What happens to a new connection when {@link Setting#MAX_FLOWS} flows are tracked. */
public enum WhenFull {
    /** The longest idle flow expires to admit it. */
    EXPIRE_LONGEST_IDLE,
    /** Its SYN is not answered. */
    IGNORE
}
