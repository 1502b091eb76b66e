package blackhole.middlebox.relay.expiry;

import blackhole.middlebox.flow.Leg;

/** Discards all packets, and resets the client once either side sends one. */
record ResetClient() implements ExpiryBehaviour {
    @Override
    public void cutOff(ExpiringFlow flow) {
        flow.blackholeBoth();
    }

    @Override
    public void discarded(ExpiringFlow flow, Leg leg) {
        flow.answerWithReset(Leg.CLIENT);
    }
}
