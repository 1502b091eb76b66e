package blackhole.client.measure;

import blackhole.client.evidence.KernelTimer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A connection without keepalive that sends nothing until it is probed. Not thread-safe. */
final class IdleConnection implements AutoCloseable {

    /** What became of the connection. */
    enum Outcome {
        /** The server's kernel acknowledged a byte. */
        ALIVE,
        /** The byte and its retransmissions were not acknowledged, or something on the path responded with RST. */
        EXPIRED,
        /** It was closed before the byte was sent: by the server, or by a box that says so. */
        CLOSED
    }

    /** This many retransmissions without an acknowledgement are no coincidence: they take more than a second. */
    private static final int UNANSWERED = 3;

    private static final Duration POLL = Duration.ofMillis(20);

    private final SocketChannel channel;
    private final long connectedAt = System.nanoTime();
    private Duration idleWhenProbed = Duration.ZERO;

    private IdleConnection(SocketChannel channel) {
        this.channel = channel;
    }

    static IdleConnection open(InetSocketAddress server, Duration timeout) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.socket().connect(server, Math.toIntExact(timeout.toMillis()));
            channel.configureBlocking(false);
            return new IdleConnection(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Returns the time since the connection was opened. */
    Duration idle() {
        return Duration.ofNanos(System.nanoTime() - connectedAt);
    }

    /** Returns {@link #idle()} just after {@link #probe} sent its byte. */
    Duration idleWhenProbed() {
        return idleWhenProbed;
    }

    /** Sends one byte and waits until the kernel knows what became of it. */
    Outcome probe() throws IOException, InterruptedException {
        InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
        InetSocketAddress remote = (InetSocketAddress) channel.getRemoteAddress();
        if (isClosedByPeer()) {
            return Outcome.CLOSED;
        }
        try {
            channel.write(ByteBuffer.wrap(new byte[] {'x'}));
        } catch (IOException reset) {
            return Outcome.CLOSED;
        }
        idleWhenProbed = idle();
        while (true) {
            KernelTimer timer = KernelTimer.read(local, remote);
            if (timer.kind() != KernelTimer.Kind.ON) {
                return isReset() ? Outcome.EXPIRED : Outcome.ALIVE;
            }
            if (timer.count() >= UNANSWERED) {
                return Outcome.EXPIRED;
            }
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        }
    }

    /** Reads what the server sent, such as a greeting, to find the end behind it. */
    private boolean isClosedByPeer() {
        try {
            return drain() < 0;
        } catch (IOException reset) {
            return true;
        }
    }

    private boolean isReset() {
        try {
            drain();
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    private int drain() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1024);
        int read;
        do {
            buffer.clear();
            read = channel.read(buffer);
        } while (read > 0);
        return read;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
