package blackhole.client.scenario;

import java.time.Duration;

/**
 * What became of a probe, from best to worst. Time counts from before {@code send()} to the broker's acknowledgement, so
 * it holds every wait: for metadata, for a connection, for retries.
 */
public enum Verdict {
    /** Acknowledged in less than {@link #IMMEDIATE_BELOW}. */
    IMMEDIATE("acknowledged in under 1s"),

    /** Acknowledged later, and neither did the producer give up a connection nor did it need a new one. */
    DELAYED("acknowledged later, on a connection that was there before"),

    /** Acknowledged later, on a new connection, and the producer had not given any up: the kernel or the peer ended it. */
    RECOVERED("acknowledged later, on a new connection, after the kernel or the peer had ended the old one"),

    /** Acknowledged after the producer itself had given up a connection, which it does at its request timeout. */
    STALLED("acknowledged, but only after the producer had given up a connection at its request timeout"),

    /** Never acknowledged: the producer reported a failed delivery. */
    LOST("not delivered");

    /** The border of {@link #IMMEDIATE}: far above a healthy acknowledgement, below what a dead connection costs. */
    public static final Duration IMMEDIATE_BELOW = Duration.ofSeconds(1);

    private final String meaning;

    Verdict(String meaning) {
        this.meaning = meaning;
    }

    /** The definition, in a few words. */
    public String meaning() {
        return meaning;
    }

    /** The worse of the two. */
    public Verdict worse(Verdict other) {
        return compareTo(other) >= 0 ? this : other;
    }

    /**
     * @param delivered whether the probe was acknowledged
     * @param elapsed from before {@code send()} to the acknowledgement
     * @param gaveUp whether the producer itself closed a connection within that time: its request timeout for a produce
     *     or a metadata request, which may have been sent before the probe
     * @param newConnection whether a connection to the partition's leader was opened within that time
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
