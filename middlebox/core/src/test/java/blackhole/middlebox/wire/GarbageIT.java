package blackhole.middlebox.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.Rig;
import blackhole.support.KernelSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What anybody may do to a relay port leaves nothing behind: no descriptor, no flow, and as in all tests no buffer. */
class GarbageIT {
    private static final int CONNECTIONS = 10_000;
    private static final int AT_ONCE = 100;

    private ServerSocket server;
    private Middlebox proxy;
    private int descriptorsBefore;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
        Thread sink = new Thread(this::swallow, "sink");
        sink.setDaemon(true);
        sink.start();
        proxy = Middlebox.builder()
                .route("0=127.0.0.1:" + server.getLocalPort())
                .start();
        connectAndClose(AT_ONCE, true);
        await().atMost(Rig.PATIENCE).until(() -> proxy.flows().isEmpty());
        descriptorsBefore = KernelSocket.openDescriptorsAtRest();
    }

    /** Takes each connection, reads what comes with it, and closes it. */
    private void swallow() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread reader = new Thread(() -> drain(socket), "reader");
                reader.setDaemon(true);
                reader.start();
            } catch (IOException e) {
                // The test is over.
            }
        }
    }

    private static void drain(Socket socket) {
        try (socket) {
            while (socket.getInputStream().skip(Long.MAX_VALUE) > 0) {}
        } catch (IOException e) {
            // The peer was reset, as intended.
        }
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        server.close();
    }

    @Test
    void tenThousandConnectAndClose() throws Exception {
        long begin = System.nanoTime();
        for (int done = 0; done < CONNECTIONS; done += AT_ONCE) {
            // A RST leaves no TIME_WAIT behind; every tenth time, a FIN does.
            connectAndClose(AT_ONCE, done % (10 * AT_ONCE) != 0);
            await().atMost(Rig.PATIENCE).until(() -> proxy.flows().size() < 2 * AT_ONCE);
        }
        double seconds = (System.nanoTime() - begin) / 1e9;

        assertNothingIsLeft();
        System.out.printf(
                "%d connect-and-close in %.1f s: %d descriptors before, %d after%n",
                CONNECTIONS, seconds, descriptorsBefore, KernelSocket.openDescriptors());
    }

    @Test
    void randomBytesHalfCloseAndReset() throws Exception {
        Random random = new Random(3);
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            Socket socket =
                    new Socket(proxy.address().getAddress(), proxy.address().getPort());
            sockets.add(socket);
            byte[] bytes = new byte[random.nextInt(100_000)];
            random.nextBytes(bytes);
            socket.getOutputStream().write(bytes);
            switch (i % 4) {
                case 0 -> socket.shutdownOutput();
                case 1 -> socket.setSoLinger(true, 0);
                case 2 -> socket.shutdownInput();
                default -> {}
            }
        }
        proxy.expire(flow -> flow.id() % 3 == 0);
        for (Socket socket : sockets) {
            socket.close();
        }
        proxy.heal(flow -> flow.id() % 2 == 0);
        // The reset of a client that came while its flow expired is lost, so a healed flow may wait for ever.
        proxy.reset(flow -> flow.id() % 3 == 0);

        assertNothingIsLeft();
    }

    private void connectAndClose(int number, boolean reset) throws IOException {
        for (int i = 0; i < number; i++) {
            try (Socket socket = new Socket()) {
                socket.connect(
                        new InetSocketAddress(
                                proxy.address().getAddress(), proxy.address().getPort()),
                        10_000);
                if (reset) {
                    socket.setSoLinger(true, 0);
                }
            }
        }
    }

    private void assertNothingIsLeft() {
        await().atMost(Rig.PATIENCE).untilAsserted(() -> {
            assertThat(proxy.flows()).isEmpty();
            assertThat(KernelSocket.openDescriptors()).isLessThanOrEqualTo(descriptorsBefore);
        });
    }
}
