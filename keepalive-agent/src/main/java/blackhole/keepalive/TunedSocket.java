package blackhole.keepalive;

import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka client's socket whose options were set.
 *
 * @param local the address that the kernel chose when the connection was started
 * @param remote the address that the client connects to
 * @param wanted the requested options
 * @param inForce the options read back from the kernel; null if that failed
 * @param problems one line for each option that could not be set or read, or differs after reading back; empty if
 *     {@code inForce} equals {@code wanted}
 * @param channel the socket itself; never read, write or close it
 * @param key the client's registration; never change it. The attachment is the client's own object for the connection,
 *     null until the client attaches it and again after the connection is closed
 */
public record TunedSocket(
        InetSocketAddress local,
        InetSocketAddress remote,
        SocketOptions wanted,
        @Nullable SocketOptions inForce,
        List<String> problems,
        SocketChannel channel,
        SelectionKey key) {

    public TunedSocket {
        problems = List.copyOf(problems);
    }

    /** Returns text such as {@code 127.0.0.1:40312 -> 127.0.0.1:19092}. */
    public String endpoints() {
        return text(local) + " -> " + text(remote);
    }

    /** Returns text such as {@code 127.0.0.1:19092} or {@code [::1]:19092}. */
    public static String text(InetSocketAddress address) {
        if (address.getAddress() == null) {
            return address.getHostString() + ":" + address.getPort();
        }
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
