package blackhole.middlebox.kernel;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/** What this machine's kernel can do for the proxy, found out by trying it on a scratch socket. */
public final class Kernel {
    private Kernel() {}

    /** Returns why sockets can't be blackholed here, as a clause; empty if they can. */
    public static Optional<String> whyNoBlackhole() {
        String os = System.getProperty("os.name");
        if (!os.toLowerCase(Locale.ROOT).startsWith("linux")) {
            return Optional.of("this is " + os + ", and only Linux can blackhole a socket");
        }
        if (!Epoll.isAvailable()) {
            return TemporaryDirectory.problem()
                    .or(() -> Optional.of("Netty's native epoll transport doesn't load: "
                            + rootMessage(Epoll.unavailabilityCause())));
        }
        try {
            onScratchSocket(LegSocket::blackhole);
            onScratchSocket(LegSocket::discardedSegments);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("this kernel refuses IP_MINTTL or SO_MEMINFO: " + e.getMessage());
        }
    }

    /** Returns whether a socket can be closed without a FIN: true with CAP_NET_ADMIN. */
    public static boolean canCloseSilently() {
        if (!Epoll.isAvailable()) {
            return false;
        }
        try {
            onScratchSocket(LegSocket::sendNothingOnClose);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void onScratchSocket(LegSocket.Call call) throws IOException {
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
