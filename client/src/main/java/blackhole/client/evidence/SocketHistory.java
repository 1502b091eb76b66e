package blackhole.client.evidence;

import blackhole.keepalive.SocketEnd;
import blackhole.keepalive.SocketOptions;
import blackhole.keepalive.TunedSocket;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The life of a socket.
 *
 * @param id from 1, in the order in which they were opened
 * @param local the client's end
 * @param remote the other end
 * @param role what the client used it for
 * @param options the options read back from the kernel; null if that failed
 * @param problems options that could not be set, one line each
 * @param openedAt since the run began
 * @param closedAt since the run began; null if it was open when the run ended
 * @param closedBy who ended it; null if it was still open
 * @param samples in order, one for each observed change
 */
public record SocketHistory(
        int id,
        InetSocketAddress local,
        InetSocketAddress remote,
        SocketRole role,
        @JsonProperty("kernelHolds") @Nullable SocketOptions options,
        List<String> problems,
        Duration openedAt,
        @Nullable Duration closedAt,
        @Nullable SocketEnd closedBy,
        List<Sample> samples) {

    /** Returns text such as {@code 127.0.0.1:40312 -> 127.0.0.1:19092}. */
    @JsonProperty
    public String connection() {
        return TunedSocket.text(local) + " -> " + TunedSocket.text(remote);
    }

    /** Returns text such as {@code #1 (node 1, leads 0 3)}. */
    @Override
    public String toString() {
        return "#" + id + " (" + role + ")";
    }
}
