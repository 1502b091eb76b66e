package blackhole.client.scenario;

import java.time.Duration;

/**
 * The outcome of a probe, from best to worst. The time from before {@code send()} to the broker's acknowledgement includes
 * every wait: for metadata, for a connection, for retries.
 */
public enum Verdict {
    /** Acknowledged in less than {@link #IMMEDIATE_BELOW}. */
    IMMEDIATE("acknowledged in under 1s"),

    /** Acknowledged later, on an existing connection. */
    DELAYED("acknowledged later, on an existing connection"),

    /** Acknowledged later, on a new connection, after the kernel or the peer ended the old one. */
    RECOVERED("acknowledged later, on a new connection, after the kernel or the peer ended the old one"),

    /** Acknowledged only after the producer gave up on a connection, which it does at its request timeout. */
    STALLED("acknowledged only after the producer gave up on a connection at its request timeout"),

    /** Never acknowledged: the producer reported a failed delivery. */
    LOST("not delivered");

    /** The limit of {@link #IMMEDIATE}: far above a healthy acknowledgement, below the cost of a dead connection. */
    public static final Duration IMMEDIATE_BELOW = Duration.ofSeconds(1);

    private final String meaning;

    Verdict(String meaning) {
        this.meaning = meaning;
    }

    /** Returns the definition in a few words. */
    public String meaning() {
        return meaning;
    }

    /** Returns the worse of the two. */
    public Verdict worse(Verdict other) {
        return compareTo(other) >= 0 ? this : other;
    }

    /**
     * @param delivered whether the probe was acknowledged
     * @param elapsed from before {@code send()} to the acknowledgement
     * @param gaveUp whether the producer closed a connection meanwhile, because of its request timeout for a produce or
     *     metadata request, which may have been sent before the probe
     * @param newConnection whether a connection to the partition's leader was opened meanwhile
     */
    static Verdict of(boolean delivered, Duration elapsed, boolean gaveUp, boolean newConnection) {
        if (!delivered) {
            return LOST;
        }
        if (elapsed.compareTo(IMMEDIATE_BELOW) < 0) {
            return IMMEDIATE;
        }
        if (gaveUp) {
            return STALLED;
        }
        return newConnection ? RECOVERED : DELAYED;
    }
}
