package blackhole.client.evidence;

import blackhole.keepalive.SocketOptions;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * One socket at one moment.
 *
 * @param id of the socket within the run, from 1, in the order in which they were opened
 * @param local the client's end
 * @param remote the other end
 * @param role what the client uses it for
 * @param state as {@code ss} names it
 * @param timer empty where /proc/net/tcp has no such line: the system has none, or the socket is gone
 * @param options the five options as read back from the kernel; empty if they could not be read
 * @param info empty if TCP_INFO could not be read; {@link SocketTable#unknownBecause} says why
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
