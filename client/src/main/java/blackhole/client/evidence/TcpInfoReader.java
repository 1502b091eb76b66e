package blackhole.client.evidence;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code TCP_INFO} of a channel with the native part of Netty's epoll transport, because the JDK can read only socket
 * options of one int. Not thread-safe.
 *
 * <p>Another thread may close the channel, and the system may then reuse its descriptor. {@code close()} marks the channel
 * closed before it releases the descriptor, so if the channel is still open <em>after</em> the read, the descriptor was its
 * own. Otherwise, or if the local address differs, the result is discarded.
 */
final class TcpInfoReader {

    /** {@code IPPROTO_TCP}, netinet/in.h. */
    private static final int TCP = 6;

    /** linux/tcp.h and tcp(7). */
    private static final int TCP_INFO = 11;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(SocketInfo.SIZE).order(ByteOrder.nativeOrder());

    private final @Nullable Method descriptor;
    private final @Nullable String unavailable;

    TcpInfoReader() {
        Method found = null;
        String reason = null;
        try {
            if (Epoll.isAvailable()) {
                found = Class.forName("sun.nio.ch.SelChImpl").getMethod("getFDVal");
                found.setAccessible(true);
            } else {
                reason = "Netty's native epoll transport is unavailable: " + innermost(Epoll.unavailabilityCause());
            }
        } catch (LinkageError e) {
            reason = "Netty's native epoll transport is not on the class path: " + e.getMessage();
        } catch (ReflectiveOperationException | RuntimeException e) {
            reason = "the JDK's file descriptors are inaccessible: " + e.getMessage();
        }
        descriptor = found;
        unavailable = reason;
    }

    /** Returns why nothing can be read; empty if it can. */
    Optional<String> unavailable() {
        return Optional.ofNullable(unavailable);
    }

    /** @return empty if the channel is closed, or nothing can be read */
    Optional<SocketInfo> read(SocketChannel channel, InetSocketAddress local) {
        if (descriptor == null || !channel.isOpen()) {
            return Optional.empty();
        }
        try {
            Socket socket = new Socket((int) descriptor.invoke(channel));
            buffer.clear();
            socket.getRawOpt(TCP, TCP_INFO, buffer);
            InetSocketAddress read = socket.localAddress();
            if (!channel.isOpen() || read == null || read.getPort() != local.getPort()) {
                return Optional.empty();
            }
            return Optional.of(SocketInfo.parse(buffer));
        } catch (IOException closedMeanwhile) {
            return Optional.empty();
        } catch (InvocationTargetException | IllegalAccessException e) {
            throw new IllegalStateException(descriptor + " failed", e);
        }
    }

    private static String innermost(@Nullable Throwable cause) {
        return Stream.iterate(cause, Objects::nonNull, Throwable::getCause)
                .reduce((outer, inner) -> inner)
                .flatMap(last -> last.toString().lines().findFirst())
                .orElse("no reason given");
    }
}
