package blackhole.middlebox.relay.expiry;

import blackhole.middlebox.flow.Leg;

/** Discards all packets, and resets each side that sends one. */
record ResetSender() implements ExpiryBehaviour {
    @Override
    public void cutOff(ExpiringFlow flow) {
        flow.blackholeBoth();
    }

    @Override
    public void discarded(ExpiringFlow flow, Leg leg) {
        flow.answerWithReset(leg);
    }
}
