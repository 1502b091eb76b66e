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
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code TCP_INFO} of a channel's descriptor. The JDK reads socket options of one int only, so this one goes through
 * the native part of Netty's epoll transport, where that is there. Not thread-safe.
 *
 * <p>Another thread may close the channel, and the system may then use its descriptor for something else. {@code close()}
 * marks the channel closed before it lets go of the descriptor, so a channel that is still open <em>after</em> the read
 * had its own descriptor during the read; what was read of any other is thrown away, and so is that of a descriptor with
 * another local address. Reading the option changes nothing, whatever it hits.
 */
final class TcpInfoReader {

    /** {@code IPPROTO_TCP}, netinet/in.h. */
    private static final int TCP = 6;

    /** linux/tcp.h and tcp(7). */
    private static final int TCP_INFO = 11;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(TcpInfo.SIZE).order(ByteOrder.nativeOrder());

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
                reason = "Netty's native epoll transport can't be used: " + innermost(Epoll.unavailabilityCause());
            }
        } catch (LinkageError e) {
            reason = "Netty's native epoll transport is not on the class path: " + e.getMessage();
        } catch (ReflectiveOperationException | RuntimeException e) {
            reason = "the JDK's descriptors can't be reached: " + e.getMessage();
        }
        descriptor = found;
        unavailable = reason;
    }

    /** Why nothing can be read here; empty if it can. */
    Optional<String> unavailable() {
        return Optional.ofNullable(unavailable);
    }

    /** @return empty if the channel is closed, or nothing can be read here */
    Optional<TcpInfo> read(SocketChannel channel, InetSocketAddress local) {
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
            return Optional.of(TcpInfo.parse(buffer));
        } catch (IOException closedMeanwhile) {
            return Optional.empty();
        } catch (InvocationTargetException | IllegalAccessException e) {
            throw new IllegalStateException(descriptor + " failed", e);
        }
    }

    private static String innermost(@Nullable Throwable cause) {
        if (cause == null) {
            return "no reason given";
        }
        Throwable last = cause;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        return last.toString().lines().findFirst().orElse("no reason given");
    }
}
