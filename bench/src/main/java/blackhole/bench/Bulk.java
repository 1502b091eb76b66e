package blackhole.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Throughput and CPU of long transfers. */
record Bulk(BulkServer server, int connections, boolean bothWays, double seconds) implements Measure {
    private static final double GIGA = 1e9;

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
            String row = "bulk " + (bothWays ? "both ways, " : "one way, ") + Measure.connections(connections);
            recorder.more(row, "GB/s", bytes / (transfer.lastEnd() - begin));
            if (!contender.processes().isEmpty()) {
                recorder.less("CPU, " + row, "s/GB", (contender.cpuSeconds() - cpuBefore) / (bytes / GIGA));
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
