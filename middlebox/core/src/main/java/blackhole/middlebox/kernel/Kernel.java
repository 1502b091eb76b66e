package blackhole.middlebox.kernel;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/** What this machine's kernel can do for the proxy, found out by trying it on a socket of our own. */
public final class Kernel {
    private Kernel() {}

    /** Why sockets can't be blackholed here, in a sentence; empty when they can. */
    public static Optional<String> whyNoBlackhole() {
        String os = System.getProperty("os.name");
        if (!os.toLowerCase(Locale.ROOT).startsWith("linux")) {
            return Optional.of("this is " + os + ", and only the Linux kernel can fall silent on a socket");
        }
        if (!Epoll.isAvailable()) {
            return Optional.of(
                    "Netty's native epoll transport does not load: " + rootMessage(Epoll.unavailabilityCause()));
        }
        try {
            onScratchSocket(TcpSocket::blackhole);
            onScratchSocket(TcpSocket::discardedSegments);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("this kernel refuses IP_MINTTL or SO_MEMINFO: " + e.getMessage());
        }
    }

    /** Whether a socket can be ended without a FIN: true with CAP_NET_ADMIN. */
    public static boolean canCloseSilently() {
        if (!Epoll.isAvailable()) {
            return false;
        }
        try {
            onScratchSocket(TcpSocket::sendNothingOnClose);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @FunctionalInterface
    private interface SocketCall {
        void on(TcpSocket socket) throws IOException;
    }

    private static void onScratchSocket(SocketCall call) throws IOException {
        Socket socket = Socket.newSocketStream();
        try {
            call.on(TcpSocket.of(socket));
        } finally {
            socket.close();
        }
    }

    private static String rootMessage(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }
}
