package blackhole.bench;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Many idle connections. Not thread-safe. */
final class HeldFlows implements AutoCloseable {
    private static final int SPARE_DESCRIPTORS = 400;

    /** The kernel gives connections to several ports the same port of ours, so it takes both. */
    record ClientLeg(int clientPort, int proxyPort) {
        private static ClientLeg of(SocketChannel channel) throws IOException {
            return new ClientLeg(port(channel.getLocalAddress()), port(channel.getRemoteAddress()));
        }

        private static int port(SocketAddress address) {
            return ((InetSocketAddress) address).getPort();
        }
    }

    private final List<SocketChannel> channels = new ArrayList<>();
    private final Map<ClientLeg, Instant> touchedAt = new HashMap<>();

    /** How many flows to measure with: the proxy and the benchmark need two descriptors for each. */
    static List<Integer> numbers(boolean quick) {
        return Stream.of(1_000, 4_000, 9_000, 50_000)
                .filter(flows -> 2L * flows + SPARE_DESCRIPTORS < descriptorLimit())
                .filter(flows -> !quick || flows <= 1_000)
                .toList();
    }

    static long descriptorLimit() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getMaxFileDescriptorCount();
    }

    /** Opens connections to the ports in turn. */
    static HeldFlows open(int number, List<Integer> ports) throws IOException {
        HeldFlows flows = new HeldFlows();
        for (int i = 0; i < number; i++) {
            flows.channels.add(SocketChannel.open(Ports.at(ports.get(i % ports.size()))));
        }
        return flows;
    }

    /** Sends a byte on each, and waits for its echo. */
    void touch() throws IOException {
        ByteBuffer one = ByteBuffer.allocateDirect(1);
        for (SocketChannel channel : channels) {
            one.clear();
            touchedAt.put(ClientLeg.of(channel), Instant.now());
            channel.write(one);
        }
        for (SocketChannel channel : channels) {
            one.clear();
            if (channel.read(one) < 0) {
                throw new IllegalStateException("a flow was ended");
            }
        }
    }

    /** Sends a byte on each of the first connections, and waits for nothing. */
    void send(int first) throws IOException {
        for (SocketChannel channel : channels.subList(0, first)) {
            channel.write(ByteBuffer.allocate(1));
        }
    }

    /** When the byte on each was about to be sent. */
    Map<ClientLeg, Instant> touchedAt() {
        return touchedAt;
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel channel : channels) {
            channel.close();
        }
    }
}
