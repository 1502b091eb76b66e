package blackhole.client.evidence;

import blackhole.keepalive.SocketOptions;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One socket in a {@link SocketTable}.
 *
 * @param id of the socket within the run, from 1, in the order in which they were opened
 * @param local the client's end
 * @param remote the other end
 * @param role what the client uses it for
 * @param state as {@code ss} names it
 * @param timer null if /proc/net/tcp does not exist or does not contain the socket
 * @param options the options read back from the kernel; null if that failed
 * @param info null if TCP_INFO could not be read, see {@link SocketTable#unknownBecause}
 */
public record SocketRow(
        int id,
        InetSocketAddress local,
        InetSocketAddress remote,
        SocketRole role,
        String state,
        @Nullable KernelTimer timer,
        @Nullable SocketOptions options,
        @Nullable SocketInfo info) {}
