package blackhole.keepalive;

import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Optional;

/**
 * One socket of a Kafka client whose options were set.
 *
 * @param local the address that the kernel chose when the connection was begun
 * @param remote the address that the client connects to
 * @param wanted what was asked for
 * @param inForce what the kernel says it holds, read back after setting; empty if it could not be read
 * @param problems one line for each option that could not be set, could not be read or reads back differently; empty
 *     when {@code inForce} is what was wanted
 * @param channel the socket itself, to look at, never to read, write or close
 * @param key the client's registration of it, to look at, never to change; its attachment is what the client keeps for
 *     the connection, and null until the client has attached it and again when the connection is closed
 */
public record TunedSocket(
        InetSocketAddress local,
        InetSocketAddress remote,
        SocketOptions wanted,
        Optional<SocketOptions> inForce,
        List<String> problems,
        SocketChannel channel,
        SelectionKey key) {

    public TunedSocket {
        problems = List.copyOf(problems);
    }

    /** As in {@code 127.0.0.1:40312 -> 127.0.0.1:19092}. */
    public String endpoints() {
        return text(local) + " -> " + text(remote);
    }

    private static String text(InetSocketAddress address) {
        if (address.getAddress() == null) {
            return address.getHostString() + ":" + address.getPort();
        }
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
