package blackhole.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A free TCP port of the IPv4 loopback address, held until it is closed.
 *
 * <p>The socket is bound with SO_REUSEADDR and does not listen. On Linux the kernel then assigns the port to no socket
 * that binds any port, while a server that binds it by number, with SO_REUSEADDR as Java's server sockets have it, gets it all
 * the same ({@code inet_csk_bind_conflict} in net/ipv4/inet_connection_sock.c). So there is no moment between
 * reservation and use in which another process is handed the port. Connections made in the meantime are refused.
 */
record ReservedPort(Socket holder, InetSocketAddress address) implements AutoCloseable {

    static ReservedPort take() {
        try {
            Socket holder = new Socket();
            holder.setReuseAddress(true);
            // 127.0.0.1, without asking a resolver, and not ::1 whatever the JVM prefers.
            holder.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0));
            return new ReservedPort(holder, (InetSocketAddress) holder.getLocalSocketAddress());
        } catch (IOException e) {
            throw new UncheckedIOException("no free port on the loopback address", e);
        }
    }

    @Override
    public void close() {
        try {
            holder.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
