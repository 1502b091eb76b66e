package blackhole.middlebox.relay.expiry;

import blackhole.middlebox.flow.Leg;

/** What an on-expiry behaviour can do to a flow. A leg that is not connected or already closed is ignored. */
public interface ExpiringFlow {
    /** Makes the kernel discard every segment that arrives on a leg. */
    void blackhole(Leg leg);

    default void blackholeBoth() {
        blackhole(Leg.CLIENT);
        blackhole(Leg.UPSTREAM);
    }

    /** Stops reading from a leg; the kernel still acknowledges. */
    void stopReading(Leg leg);

    /** Resets a leg as the answer to a discarded segment. The kernel has not acknowledged that segment. */
    void answerWithReset(Leg leg);

    /** Ends the flow with RST on both legs. */
    void resetBoth();

    /** Ends the flow with FIN on both legs. */
    void closeBoth();
}
