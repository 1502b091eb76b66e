package blackhole.proxy.recording;

/**
 * What is in a recording: a JSON object a line. The first is the header; then events as in the event stream, and what
 * changed in the flow table, each with the milliseconds since the header's time as {@code t}. What a {@code flows} line
 * says is in force before the events on the lines after it.
 */
public final class RecordingFormat {
    public static final int VERSION = 1;
    public static final String HEADER = "recording";
    public static final String FLOWS = "flows";
    public static final String TIME = "t";

    private RecordingFormat() {}
}
