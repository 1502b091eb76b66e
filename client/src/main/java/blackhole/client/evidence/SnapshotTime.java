package blackhole.client.evidence;

/** When a {@link SocketTable} was taken. */
public enum SnapshotTime {
    AFTER_BURST("after the burst"),
    MID_IDLE("in the middle of the idle time"),
    STALLED("one second into an unacknowledged probe"),
    RETRANSMISSION("after the retransmission timeout grew"),
    RECOVERED("after the probe"),
    WATCHED("now");

    private final String text;

    SnapshotTime(String text) {
        this.text = text;
    }

    /** Returns the title of the table. */
    public String text() {
        return text;
    }
}
