package blackhole.middlebox.relay.expiry;

import blackhole.middlebox.flow.Leg;

/** Stops reading from both sides; their packets are still acknowledged. */
record Stall() implements ExpiryBehaviour {
    @Override
    public void cutOff(ExpiringFlow flow) {
        flow.stopReading(Leg.CLIENT);
        flow.stopReading(Leg.UPSTREAM);
    }
}
