package blackhole.middlebox.kernel;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** A leg's socket without a kernel: writes down what it is asked to do, and reports what a test says has arrived. */
public final class FakeSocket implements LegSocket {
    private final List<String> journal;
    private final ByteBuffer info = ByteBuffer.allocate(TcpInfo.SIZE).order(ByteOrder.nativeOrder());
    /** As if keepalive probes were answered before the test. */
    private int discardedSegments = 5;

    private boolean finished;
    private boolean sendsNothingOnClose;

    public FakeSocket(List<String> journal) {
        this.journal = journal;
    }

    /** Segments arrive that the kernel hands to TCP. */
    public void arrive(int segments) {
        info.putInt(TcpInfo.SEGMENTS_IN, info.getInt(TcpInfo.SEGMENTS_IN) + segments);
    }

    /** A segment arrives that acknowledges bytes. */
    public void acknowledge(int bytes) {
        info.putLong(TcpInfo.BYTES_ACKED, info.getLong(TcpInfo.BYTES_ACKED) + bytes);
        arrive(1);
    }

    /** So many bytes wait in the kernel for room in the peer's window. */
    public void leaveUnsent(int bytes) {
        info.putInt(TcpInfo.UNSENT_BYTES, bytes);
    }

    /** Segments arrive that the kernel discards. */
    public void discard(int segments) {
        discardedSegments += segments;
    }

    /** The connection ends, and only the kernel knows. */
    public void end() {
        info.put(TcpInfo.STATE, (byte) TcpInfo.CLOSED);
    }

    public boolean isFinished() {
        return finished;
    }

    public boolean sendsNothingOnClose() {
        return sendsNothingOnClose;
    }

    @Override
    public void blackhole() {
        journal.add("blackhole");
    }

    @Override
    public void heal() {
        journal.add("heal");
    }

    @Override
    public void readInfo(TcpInfo to) {
        to.read(info);
    }

    @Override
    public int discardedSegments() {
        return discardedSegments;
    }

    @Override
    public InetSocketAddress originalDestination() throws IOException {
        throw new IOException("not redirected");
    }

    @Override
    public void finish() {
        finished = true;
        journal.add("FIN");
    }

    @Override
    public void sendNothingOnClose() {
        sendsNothingOnClose = true;
    }
}
