package blackhole.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;
import org.opentest4j.AssertionFailedError;

/** A plain TCP peer, client or server; a read blocks for twenty seconds at most. */
public final class RawPeer implements AutoCloseable {
    public static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int CHUNK = 64 * 1024;

    private final Socket socket;

    private RawPeer(Socket socket) {
        this.socket = socket;
    }

    public static RawPeer accept(ServerSocket server) throws IOException {
        return new RawPeer(configured(server.accept()));
    }

    private static Socket configured(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) PATIENCE.toMillis());
        return socket;
    }

    public static RawPeer connect(InetSocketAddress address) throws IOException {
        return connect(null, address, PATIENCE);
    }

    /** @throws SocketTimeoutException if the server has not answered by then */
    public static RawPeer connect(InetSocketAddress address, Duration timeout) throws IOException {
        return connect(null, address, timeout);
    }

    public static RawPeer connectFrom(String host, InetSocketAddress address) throws IOException {
        return connect(new InetSocketAddress(host, 0), address, PATIENCE);
    }

    private static RawPeer connect(@Nullable InetSocketAddress from, InetSocketAddress address, Duration timeout)
            throws IOException {
        // Configured before it connects: a reset that comes at once is for the test's read, not for this.
        Socket socket = configured(new Socket());
        try {
            if (from != null) {
                socket.bind(from);
            }
            socket.connect(address, (int) timeout.toMillis());
            return new RawPeer(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    public void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    public String receive(int length) throws IOException {
        return new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
    }

    /** Everything up to the FIN. */
    public String receiveAll() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Sends that many random bytes and FIN on a thread of its own; the result is their checksum. */
    public Future<Long> sendRandomAndFinish(long length) {
        return sendRandomAndFinish(length, new AtomicLong());
    }

    /** @param accepted grows by what the kernel took */
    public Future<Long> sendRandomAndFinish(long length, AtomicLong accepted) {
        return OwnThread.call(() -> {
            Random random = new Random(System.identityHashCode(this));
            CRC32 checksum = new CRC32();
            OutputStream out = socket.getOutputStream();
            byte[] chunk = new byte[CHUNK];
            for (long left = length; left > 0; left -= chunk.length) {
                random.nextBytes(chunk);
                int size = (int) Math.min(left, chunk.length);
                checksum.update(chunk, 0, size);
                out.write(chunk, 0, size);
                accepted.addAndGet(size);
            }
            finish();
            return checksum.getValue();
        });
    }

    /** Reads up to the FIN. */
    public Received receiveRandom() throws IOException {
        CRC32 checksum = new CRC32();
        InputStream in = socket.getInputStream();
        byte[] chunk = new byte[CHUNK];
        long length = 0;
        for (int size = in.read(chunk); size >= 0; size = in.read(chunk)) {
            checksum.update(chunk, 0, size);
            length += size;
        }
        return new Received(length, checksum.getValue());
    }

    public record Received(long length, long checksum) {}

    public void finish() throws IOException {
        socket.shutdownOutput();
    }

    /** Closes with RST. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** TCP keepalive as often as the kernel allows: after 1 s idle, then every second. */
    public void keepAlive() throws IOException {
        socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 1);
        socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 1);
        socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 3);
    }

    public void keepAliveOff() throws IOException {
        socket.setOption(StandardSocketOptions.SO_KEEPALIVE, false);
    }

    /** Waits until the kernel gives up the connection. */
    public IOException awaitFailure() throws IOException {
        try {
            int read = socket.getInputStream().read();
            throw new AssertionFailedError("read " + read + " where a failure was expected");
        } catch (IOException e) {
            return e;
        }
    }

    /** This end, as the kernel sees it. */
    public KernelSocket kernel() {
        return KernelSocket.connected(socket.getLocalPort(), socket.getPort());
    }

    /** The proxy's end of the connection, as the kernel sees it. */
    public KernelSocket kernelOfProxy() {
        return KernelSocket.connected(socket.getPort(), socket.getLocalPort());
    }

    public Socket socket() {
        return socket;
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
