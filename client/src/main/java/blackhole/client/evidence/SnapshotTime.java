package blackhole.client.evidence;

/** When a {@link SocketTable} was taken. */
public enum SnapshotTime {
    AFTER_BURST("after the burst"),
    MID_IDLE("in the middle of the idle time"),
    STALLED("one second into a probe that is not acknowledged"),
    RETRANSMISSION("when the retransmission timer had grown"),
    RECOVERED("after the probe"),
    WATCHED("now");

    private final String text;

    SnapshotTime(String text) {
        this.text = text;
    }

    /** In words, as the head of the table. */
    public String text() {
        return text;
    }
}
