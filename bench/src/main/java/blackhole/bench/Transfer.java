package blackhole.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** One bulk measurement: what both ends of all its connections have sent and received. Thread-safe. */
final class Transfer {
    private static final int CHUNK = 256 * 1024;

    final boolean bothWays;
    final long deadline;
    private final CountDownLatch receiving;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong lastEnd = new AtomicLong();

    Transfer(int connections, boolean bothWays, long deadline) {
        this.bothWays = bothWays;
        this.deadline = deadline;
        receiving = new CountDownLatch(bothWays ? 2 * connections : connections);
    }

    /** Writes until the deadline, then FIN. */
    void send(SocketChannel channel) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
        long bytes = 0;
        while (System.nanoTime() < deadline) {
            chunk.clear();
            while (chunk.hasRemaining()) {
                bytes += channel.write(chunk);
            }
        }
        sent.addAndGet(bytes);
        channel.shutdownOutput();
    }

    /** Reads until FIN. */
    void receive(SocketChannel channel) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
        long bytes = 0;
        for (int n = 0; n >= 0; n = channel.read(chunk)) {
            bytes += n;
            chunk.clear();
        }
        received.addAndGet(bytes);
        lastEnd.accumulateAndGet(System.nanoTime(), Math::max);
        receiving.countDown();
    }

    /**
     * Waits until all has arrived.
     *
     * @throws IllegalStateException when bytes are missing
     */
    long awaitBytes() throws InterruptedException {
        if (!receiving.await(30, TimeUnit.SECONDS) || sent.get() != received.get()) {
            throw new IllegalStateException("sent " + sent + " bytes, but received " + received);
        }
        return received.get();
    }

    long lastEnd() {
        return lastEnd.get();
    }
}
