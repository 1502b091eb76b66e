package blackhole.client.evidence;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * The fields of {@code struct tcp_info} (include/uapi/linux/tcp.h) that show a stall. Fields unknown to a kernel are zero.
 *
 * @param state as {@code ss} names it
 * @param retransmits consecutive unanswered retransmissions
 * @param unansweredProbes consecutive unanswered keepalive or window probes
 * @param backoff how often the retransmission timeout was doubled
 * @param rto the retransmission timeout, backoff included
 * @param unacked segments in flight
 * @param totalRetransmits in the socket's life
 * @param bytesSent retransmissions included
 * @param bytesAcked the connection's SYN counts as one
 * @param bytesReceived data only
 * @param segmentsOut of any kind, keepalive probes and pure acknowledgements included
 * @param segmentsIn of any kind
 * @param dataSegmentsOut those with data
 * @param sinceDataSent time since data was last sent
 * @param sinceDataReceived time since data last came
 */
public record SocketInfo(
        String state,
        int retransmits,
        int unansweredProbes,
        int backoff,
        Duration rto,
        int unacked,
        int totalRetransmits,
        long bytesSent,
        long bytesAcked,
        long bytesReceived,
        long segmentsOut,
        long segmentsIn,
        @JsonIgnore long dataSegmentsOut,
        Duration sinceDataSent,
        Duration sinceDataReceived) {

    /** Bytes to request; the kernel fills as many as it knows. */
    static final int SIZE = 256;

    /** Before the first sample. */
    static final SocketInfo NONE = parse(ByteBuffer.allocate(SIZE));

    /** @param info in the machine's byte order */
    static SocketInfo parse(ByteBuffer info) {
        return new SocketInfo(
                TcpState.name(info.get(0)),
                Byte.toUnsignedInt(info.get(2)),
                Byte.toUnsignedInt(info.get(3)),
                Byte.toUnsignedInt(info.get(4)),
                Duration.of(unsigned(info, 8), ChronoUnit.MICROS),
                info.getInt(24),
                info.getInt(100),
                info.getLong(200),
                info.getLong(120),
                info.getLong(128),
                unsigned(info, 136),
                unsigned(info, 140),
                unsigned(info, 156),
                Duration.ofMillis(unsigned(info, 44)),
                Duration.ofMillis(unsigned(info, 52)));
    }

    /** Returns the time since data was last sent or received. */
    public Duration sinceData() {
        return sinceDataSent.compareTo(sinceDataReceived) <= 0 ? sinceDataSent : sinceDataReceived;
    }

    private static long unsigned(ByteBuffer info, int offset) {
        return Integer.toUnsignedLong(info.getInt(offset));
    }
}
