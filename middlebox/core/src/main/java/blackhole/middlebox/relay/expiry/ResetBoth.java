package blackhole.middlebox.relay.expiry;

/** Resets both sides at expiry. */
record ResetBoth() implements ExpiryBehaviour {
    @Override
    public void expired(ExpiringFlow flow) {
        flow.resetBoth();
    }
}
