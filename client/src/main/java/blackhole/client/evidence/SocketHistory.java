package blackhole.client.evidence;

import blackhole.keepalive.SocketEnd;
import blackhole.keepalive.SocketOptions;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A socket's life.
 *
 * @param id from 1, in the order in which they were opened
 * @param local the client's end
 * @param remote the other end
 * @param role what the client used it for
 * @param options the five options as read back from the kernel
 * @param problems options that could not be set, one line each
 * @param openedAt since the run began
 * @param closedAt likewise; empty if it lived when the run was over
 * @param closedBy who ended it; empty if it lived
 * @param samples in order, one for each change that was seen
 */
public record SocketHistory(
        int id,
        InetSocketAddress local,
        InetSocketAddress remote,
        SocketRole role,
        Optional<SocketOptions> options,
        List<String> problems,
        Duration openedAt,
        Optional<Duration> closedAt,
        Optional<SocketEnd> closedBy,
        List<Sample> samples) {

    public SocketHistory {
        problems = List.copyOf(problems);
        samples = List.copyOf(samples);
    }
}
