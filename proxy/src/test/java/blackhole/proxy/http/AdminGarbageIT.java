package blackhole.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import blackhole.proxy.api.Limits;
import blackhole.support.KernelSocket;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Garbage and floods are answered or cut off, and leave nothing behind. */
class AdminGarbageIT {
    private static final int CONNECTIONS = 10_000;
    private static final int MOST_CONNECTIONS = 16;
    private static final Limits HASTY = new Limits(
            MOST_CONNECTIONS,
            Duration.ofMillis(1_500),
            Duration.ofSeconds(3),
            1024,
            4,
            100,
            Duration.ofSeconds(1),
            Duration.ofSeconds(5));

    private AdminRig rig;
    private AdminRig.Connection flow;
    private int descriptors;
    private long threads;

    @BeforeEach
    void start() throws IOException {
        rig = AdminRig.start(HASTY);
        flow = rig.connect();
        warmUp();
        descriptors = KernelSocket.openDescriptorsAtRest();
        threads = serverThreads();
    }

    /** Loads and opens what is needed once before anything is counted. */
    private void warmUp() throws IOException {
        for (int i = 0; i < 8; i++) {
            sendAndDrain("garbage\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            // Not by the HTTP client, which would keep the connection.
            sendAndDrain("GET /api/v1/flows HTTP/1.0\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
    }

    @AfterEach
    void nothingIsLeftAndEverythingWorks() throws IOException {
        try {
            await().atMost(AdminRig.PATIENCE).untilAsserted(() -> {
                assertThat(KernelSocket.openDescriptors()).isLessThanOrEqualTo(descriptors);
                assertThat(serverThreads()).isLessThanOrEqualTo(threads);
            });
            flow.exchange();
            rig.get("/health").ok();
        } finally {
            rig.close();
        }
    }

    private static long serverThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("vert.x"))
                .count();
    }

    private void sendAndDrain(byte[] bytes) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", rig.port())) {
            socket.setSoTimeout((int) AdminRig.PATIENCE.toMillis());
            socket.getOutputStream().write(bytes);
            socket.shutdownOutput();
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            // Reset while sending, which is an answer too.
        }
    }

    @Test
    void randomBytes() throws IOException {
        Random random = new Random(7);
        for (int i = 0; i < 200; i++) {
            byte[] bytes = new byte[1 + random.nextInt(20_000)];
            random.nextBytes(bytes);
            sendAndDrain(bytes);
        }
    }

    @Test
    void halfRequests() throws IOException {
        String request = "PATCH /api/v1/middlebox HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: 100\r\n\r\n{\"idleTimeout\":";
        for (int length = 1; length < request.length(); length += 5) {
            try (Socket socket = new Socket("127.0.0.1", rig.port())) {
                socket.getOutputStream().write(request.substring(0, length).getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    @Test
    void tenThousandConnectAndClose() throws IOException {
        for (int i = 0; i < CONNECTIONS; i++) {
            new Socket("127.0.0.1", rig.port()).close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /health HTTP/1.1\r\nHost: localhost\r\n", """
                PUT /api/v1/outage HTTP/1.1\r
                Host: localhost\r
                Content-Type: application/json\r
                Content-Length: 1000\r
                \r
                """})
    void slowRequestIsCutOff(String beginning) throws IOException {
        assertCutOff(beginning, "a", Duration.ofMillis(100));
    }

    @Test
    void endlessBodyIsCutOff() throws IOException {
        assertCutOff(
                "POST /nothing HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
                "1000\r\n" + "x".repeat(0x1000) + "\r\n",
                Duration.ofMillis(20));
    }

    /** Sends {@code next} again and again until the server has closed the connection. */
    private void assertCutOff(String beginning, String next, Duration interval) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", rig.port())) {
            socket.getOutputStream().write(beginning.getBytes(StandardCharsets.US_ASCII));

            await().atMost(AdminRig.PATIENCE).pollInterval(interval).until(() -> {
                try {
                    socket.getOutputStream().write(next.getBytes(StandardCharsets.US_ASCII));
                    return false;
                } catch (IOException e) {
                    return true;
                }
            });
        }
    }

    @Test
    void excessConnectionsAreClosedAtOnce() throws IOException {
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < MOST_CONNECTIONS + 10; i++) {
            sockets.add(new Socket("127.0.0.1", rig.port()));
        }
        Socket last = sockets.get(sockets.size() - 1);
        last.setSoTimeout((int) AdminRig.PATIENCE.toMillis());

        assertThat(last.getInputStream().read()).isEqualTo(-1);

        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
