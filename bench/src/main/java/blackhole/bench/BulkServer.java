package blackhole.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The server of the bulk measurements: a thread for each direction of each connection, with blocking calls of 256 KiB.
 * So sending and receiving cost the system calls and the copies, and next to nothing else. The first eight bytes of a
 * connection are the number of its transfer.
 */
final class BulkServer implements AutoCloseable {
    private final ServerSocketChannel listening;
    private final Map<Long, Transfer> transfers = new ConcurrentHashMap<>();
    private long lastNumber;

    BulkServer() throws IOException {
        listening = ServerSocketChannel.open().bind(Ports.at(0), 1024);
        Threads.start("bulk-accept", this::accept);
    }

    int port() {
        return listening.socket().getLocalPort();
    }

    synchronized long register(Transfer transfer) {
        transfers.put(++lastNumber, transfer);
        return lastNumber;
    }

    void unregister(long number) {
        transfers.remove(number);
    }

    private void accept() throws IOException {
        while (listening.isOpen()) {
            SocketChannel channel = listening.accept();
            Threads.start("bulk-server", () -> serve(channel));
        }
    }

    private void serve(SocketChannel channel) throws IOException, InterruptedException {
        try (channel) {
            ByteBuffer number = ByteBuffer.allocate(Long.BYTES);
            while (number.hasRemaining()) {
                if (channel.read(number) < 0) {
                    return;
                }
            }
            Transfer transfer = transfers.get(number.getLong(0));
            if (transfer == null) {
                return;
            }
            Thread sending = transfer.bothWays ? Threads.start("bulk-server-send", () -> transfer.send(channel)) : null;
            transfer.receive(channel);
            if (sending != null) {
                sending.join();
            }
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
