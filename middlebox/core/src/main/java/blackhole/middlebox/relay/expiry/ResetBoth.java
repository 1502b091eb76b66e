package blackhole.middlebox.relay.expiry;

/** Resets both sides at expiry. */
record ResetBoth() implements ExpiryBehaviour {
    @Override
    public void cutOff(ExpiringFlow flow) {}

    @Override
    public void expired(ExpiringFlow flow) {
        flow.resetBoth();
    }
}
