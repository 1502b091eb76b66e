package blackhole.client.evidence;

import blackhole.keepalive.SocketOptions;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * One socket in a {@link SocketTable}.
 *
 * @param id of the socket within the run, from 1, in the order in which they were opened
 * @param local the client's end
 * @param remote the other end
 * @param role what the client uses it for
 * @param state as {@code ss} names it
 * @param timer empty if /proc/net/tcp does not exist or does not contain the socket
 * @param options the options read back from the kernel; empty if that failed
 * @param info empty if TCP_INFO could not be read, see {@link SocketTable#unknownBecause}
 */
public record SocketRow(
        int id,
        InetSocketAddress local,
        InetSocketAddress remote,
        SocketRole role,
        String state,
        Optional<KernelTimer> timer,
        Optional<SocketOptions> options,
        Optional<TcpInfo> info) {}
