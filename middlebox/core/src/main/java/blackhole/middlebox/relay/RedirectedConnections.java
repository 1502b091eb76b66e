package blackhole.middlebox.relay;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.flow.EventText;
import blackhole.middlebox.kernel.LegSocket;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds out where redirected connections were going, and refuses those that would come back to this proxy. A connection of the
 * proxy's own that a rule redirects to it has one end as an upstream leg and the other as a client leg; whichever event loop
 * sees the second end finds the first. Thread-safe.
 */
final class RedirectedConnections {
    static final String LOOP =
            "a rule redirects this proxy's own connections back to it; exempt its user or group from the redirect";

    private static final Logger LOG = System.getLogger(RedirectedConnections.class.getName());

    private final ListeningSockets listening;
    private final Map<Connection, SocketChannel> connections = new ConcurrentHashMap<>();
    private volatile boolean expected;

    private record Connection(InetSocketAddress from, InetSocketAddress to) {}

    RedirectedConnections(ListeningSockets listening) {
        this.listening = listening;
    }

    /** Call before the first route accepts redirected connections. */
    void expect() {
        expected = true;
    }

    /** Returns where an accepted connection was going, or null if it must be refused; then the reason is logged. */
    @Nullable
    Endpoint accept(SocketChannel client, Optional<LegSocket> socket) {
        InetSocketAddress destination = originalDestination(socket);
        if (destination == null || destination.equals(client.localAddress())) {
            return refuse(client, "it was not redirected to this port by a NAT rule");
        }
        if (listening.isOneOf(destination)) {
            return refuse(client, "it was going to this proxy itself, " + EventText.of(destination));
        }
        if (!add(client, new Connection(client.remoteAddress(), destination))) {
            return refuse(client, LOOP);
        }
        return Endpoint.of(destination);
    }

    private static @Nullable InetSocketAddress originalDestination(Optional<LegSocket> socket) {
        try {
            return socket.isEmpty() ? null : socket.get().originalDestination();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "no original destination", e);
            return null;
        }
    }

    private static @Nullable Endpoint refuse(SocketChannel client, String reason) {
        LOG.log(
                Level.WARNING,
                "refused a connection from " + EventText.of(client.remoteAddress()) + " to "
                        + EventText.of(client.localAddress()) + ": " + reason);
        return null;
    }

    /**
     * Call right after connecting to an upstream has begun, before the other end can be accepted on the same event loop. Returns
     * whether another event loop has accepted it.
     */
    boolean isLoop(SocketChannel upstream, InetSocketAddress to) {
        InetSocketAddress from = upstream.localAddress();
        return expected && from != null && !add(upstream, new Connection(from, to));
    }

    /** Returns false if this is the other end of a connection of this proxy. */
    private boolean add(SocketChannel end, Connection connection) {
        SocketChannel other = connections.put(connection, end);
        end.closeFuture().addListener(closed -> connections.remove(connection, end));
        // The kernel reuses a port as soon as both sides have finished, which is before the channel is closed.
        return other == null || !other.isOpen() || other.isOutputShutdown() || other.isInputShutdown();
    }
}
