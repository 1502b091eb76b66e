package blackhole.client.evidence;

import blackhole.keepalive.SocketEnd;
import java.net.InetSocketAddress;

/** How a connection's ends are told to people. */
public final class CloseText {

    private CloseText() {}

    /** As in {@code 127.0.0.1:19092} or {@code [::1]:19092}. */
    public static String text(InetSocketAddress address) {
        String host = address.getAddress() == null
                ? address.getHostString()
                : address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /** Who ended a connection, and by what. */
    public static String endedBy(SocketEnd end) {
        return switch (end) {
            case KERNEL -> "by the kernel (timed out or reset)";
            case PEER -> "by the peer (FIN)";
            case CLIENT -> "by the producer";
        };
    }
}
