package blackhole.middlebox.relay.expiry;

/** Sends FIN to both sides at expiry. */
record CloseBoth() implements ExpiryBehaviour {
    @Override
    public void expired(ExpiringFlow flow) {
        flow.closeBoth();
    }
}
