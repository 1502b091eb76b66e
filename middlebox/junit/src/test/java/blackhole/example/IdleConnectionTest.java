package blackhole.example;

import blackhole.junit.BlackholeExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class IdleConnectionTest {
    final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    @RegisterExtension
    final BlackholeExtension nat = BlackholeExtension.builder()
            .upstream(() -> "127.0.0.1:" + server.getLocalPort())
            .idleTimeout(Duration.ofSeconds(2))
            .build();

    IdleConnectionTest() throws IOException {}

    @AfterEach
    void closeServer() throws IOException {
        server.close();
    }

    @Test
    void withoutKeepaliveItIsSilentlyLost() throws IOException {
        try (Socket client =
                new Socket(nat.address().getAddress(), nat.address().getPort())) {
            nat.awaitExpired(Duration.ofSeconds(10));
            client.getOutputStream().write(1);
            nat.awaitDiscarded(3, Duration.ofSeconds(10)); // The byte and two retransmissions.
        }
    }
}
