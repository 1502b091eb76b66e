package blackhole.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Throughput and CPU of long transfers. */
final class Bulk implements Measure {
    private static final double GIGA = 1e9;

    private final BulkServer server;
    private final int connections;
    private final boolean bothWays;
    private final double seconds;

    Bulk(BulkServer server, int connections, boolean bothWays, double seconds) {
        this.server = server;
        this.connections = connections;
        this.bothWays = bothWays;
        this.seconds = seconds;
    }

    @Override
    public void run(Contender.Running contender, Recorder recorder) throws Exception {
        double cpuBefore = contender.cpuSeconds();
        long begin = System.nanoTime();
        Transfer transfer = new Transfer(connections, bothWays, begin + (long) (seconds * GIGA));
        long number = server.register(transfer);
        List<SocketChannel> channels = new ArrayList<>();
        try {
            for (int i = 0; i < connections; i++) {
                channels.add(open(contender.ports().get(Servers.BULK), number));
            }
            channels.forEach(channel -> start(channel, transfer));
            double bytes = transfer.awaitBytes();
            recorder.add(Metric.bulk(connections, bothWays), bytes / (transfer.lastEnd() - begin));
            if (!contender.processes().isEmpty()) {
                double cpu = contender.cpuSeconds() - cpuBefore;
                recorder.add(Metric.cpuPerGigabyte(connections, bothWays), cpu / (bytes / GIGA));
            }
        } finally {
            server.unregister(number);
            for (SocketChannel channel : channels) {
                channel.close();
            }
        }
    }

    private static SocketChannel open(int port, long number) throws IOException {
        SocketChannel channel = SocketChannel.open(Ports.at(port));
        channel.write(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
        return channel;
    }

    private void start(SocketChannel channel, Transfer transfer) {
        Threads.start("bulk-client-send", () -> transfer.send(channel));
        if (bothWays) {
            Threads.start("bulk-client-receive", () -> transfer.receive(channel));
        }
    }
}
