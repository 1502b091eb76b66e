package blackhole.middlebox.kernel;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * The fields of {@code struct tcp_info} (linux/tcp.h) that the proxy reads, as of the last {@link
 * TcpSocket#readInfo(TcpInfo)}. Mutable so that a sweep over thousands of sockets makes no garbage; not thread-safe.
 */
public final class TcpInfo {
    /** Bytes to read; the kernel fills as many as it knows. */
    static final int SIZE = 256;

    static final int STATE = 0;

    /** {@code TCP_CLOSE}, include/net/tcp_states.h. */
    static final int CLOSED = 7;

    static final int LAST_DATA_RECEIVED = 52;
    static final int LAST_ACK_RECEIVED = 56;
    private static final int RTT = 68;
    static final int BYTES_ACKED = 120;
    static final int BYTES_RECEIVED = 128;
    static final int SEGMENTS_IN = 140;
    static final int UNSENT_BYTES = 144;

    private int state;
    private int segmentsIn;
    private long bytesMoved;
    private int unsentBytes;
    private long millisSinceLastAck;
    private int rttMicros;

    void read(ByteBuffer info) {
        state = info.get(STATE);
        segmentsIn = info.getInt(SEGMENTS_IN);
        bytesMoved = info.getLong(BYTES_ACKED) + info.getLong(BYTES_RECEIVED);
        unsentBytes = info.getInt(UNSENT_BYTES);
        millisSinceLastAck = Math.min(age(info, LAST_ACK_RECEIVED), age(info, LAST_DATA_RECEIVED));
        rttMicros = info.getInt(RTT);
    }

    /** Reads an age as the u32 it is: on a leg without data it is the machine's uptime, and would be negative after 25 days. */
    private static long age(ByteBuffer info, int offset) {
        return Integer.toUnsignedLong(info.getInt(offset));
    }

    /** Returns whether the connection is over for the kernel: reset, timed out, or finished by both sides. */
    public boolean isClosed() {
        return state == CLOSED;
    }

    /** Returns segments received, keepalive probes included: a u32 that wraps. RFC 4898 tcpEStatsPerfSegsIn. */
    public int segmentsIn() {
        return segmentsIn;
    }

    /**
     * Returns bytes received plus bytes sent that the peer has acknowledged, read and written by the proxy or not. Neither
     * keepalive nor zero-window probes count. RFC 4898 tcpEStatsAppHCThruOctetsReceived and -Acked.
     */
    public long bytesMoved() {
        return bytesMoved;
    }

    /** Returns whether the kernel has sent all that it took, at least once. */
    public boolean hasSentAll() {
        return unsentBytes == 0;
    }

    /** Returns milliseconds since data or an acknowledgement arrived, to the kernel's tick. Keepalive probes don't count. */
    public long millisSinceLastAck() {
        return millisSinceLastAck;
    }

    /** Returns the kernel's smoothed round-trip time. */
    public Duration rtt() {
        return Duration.of(Integer.toUnsignedLong(rttMicros), ChronoUnit.MICROS);
    }
}
