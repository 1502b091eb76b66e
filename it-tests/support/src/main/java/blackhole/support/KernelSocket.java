package blackhole.support;

import static org.awaitility.Awaitility.await;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.opentest4j.AssertionFailedError;

/** A socket of this process as the kernel sees it, found by its two ports in {@code /proc}. */
public final class KernelSocket {
    public static final int ESTABLISHED = 1;
    public static final int CLOSE_WAIT = 8;

    private static final int LISTEN = 10;
    private static final int ANY_TTL = 0;
    private static final int EVERY_TTL_BUT_255 = 255;

    private final Socket socket;

    private KernelSocket(int descriptor) {
        socket = new Socket(descriptor);
    }

    /** The socket with these ports, at the local end. */
    public static KernelSocket connected(int localPort, int remotePort) {
        return find(localPort, remotePort)
                .orElseThrow(() -> new AssertionFailedError("no socket " + localPort + " -> " + remotePort));
    }

    public static KernelSocket listening(int port) {
        return find(port, 0).orElseThrow(() -> new AssertionFailedError("nothing listens on " + port));
    }

    /** The open descriptors of this process, including the one that counts them. */
    public static int openDescriptors() {
        return descriptors().size();
    }

    /** The same, once the number is stable. */
    public static int openDescriptorsAtRest() {
        AtomicInteger last = new AtomicInteger();
        return await().pollInterval(Duration.ofMillis(200))
                .until(KernelSocket::openDescriptors, now -> now == last.getAndSet(now));
    }

    /** The last of the three numbers of {@code net.ipv4.tcp_rmem} or {@code tcp_wmem}, tcp(7). */
    public static long largestBuffer(String setting) {
        try {
            // In one read: files in /proc/sys are empty at any offset but 0.
            List<String> lines = Files.readAllLines(Path.of("/proc/sys/net/ipv4", setting));
            String[] sizes = lines.get(0).trim().split("\\s+");
            return Long.parseLong(sizes[2]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<KernelSocket> find(int localPort, int remotePort) {
        String name = "socket:[" + inode(localPort, remotePort) + "]";
        return descriptors().stream()
                .filter(descriptor -> target(descriptor).equals(name))
                .map(descriptor -> new KernelSocket(
                        Integer.parseInt(descriptor.getFileName().toString())))
                .findFirst();
    }

    private static String inode(int localPort, int remotePort) {
        try {
            for (String file : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
                for (String line : Files.readAllLines(Path.of(file))) {
                    String[] fields = line.trim().split("\\s+");
                    boolean header = fields[0].equals("sl");
                    if (!header
                            && portOf(fields[1]) == localPort
                            && portOf(fields[2]) == remotePort
                            && (remotePort != 0 || Integer.parseInt(fields[3], 16) == LISTEN)) {
                        return fields[9];
                    }
                }
            }
            return "none";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int portOf(String hexAddress) {
        return Integer.parseInt(hexAddress.substring(hexAddress.indexOf(':') + 1), 16);
    }

    private static List<Path> descriptors() {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }

    public boolean hasNoDelay() throws IOException {
        return socket.isTcpNoDelay();
    }

    public boolean hasKeepAlive() throws IOException {
        return socket.isKeepAlive();
    }

    /** {@link #ESTABLISHED} and so on, include/net/tcp_states.h. */
    public int state() {
        return info().get(0);
    }

    /** Segments sent and not acknowledged: tcpi_unacked. */
    public int unacknowledged() {
        return info().getInt(24);
    }

    /** tcpi_total_retrans. */
    public int retransmitted() {
        return info().getInt(100);
    }

    /** Every segment that came in, with data or without: tcpi_segs_in. */
    public int segmentsIn() {
        return info().getInt(140);
    }

    /** On a listening socket: leaves connection attempts unanswered, like a missing host. */
    public void ignoreConnectionAttempts() throws IOException {
        setMinimumTtl(EVERY_TTL_BUT_255);
    }

    /** Lets the next retransmission of a connection attempt connect. */
    public void answerConnectionAttempts() throws IOException {
        setMinimumTtl(ANY_TTL);
    }

    private void setMinimumTtl(int ttl) throws IOException {
        socket.setIntOpt(0, 21, ttl);
        socket.setIntOpt(41, 73, ttl);
    }

    private ByteBuffer info() {
        ByteBuffer info = ByteBuffer.allocateDirect(256).order(ByteOrder.nativeOrder());
        try {
            socket.getRawOpt(6, 11, info);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return info;
    }
}
