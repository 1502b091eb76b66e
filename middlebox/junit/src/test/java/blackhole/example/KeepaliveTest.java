package blackhole.example;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.junit.BlackholeExtension;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class KeepaliveTest {
    final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    @RegisterExtension
    final BlackholeExtension nat = BlackholeExtension.builder()
            .upstream(() -> "127.0.0.1:" + server.getLocalPort())
            .idleTimeout(Duration.ofSeconds(2))
            .build();

    KeepaliveTest() throws IOException {}

    @AfterEach
    void closeServer() throws IOException {
        server.close();
    }

    @Test
    void withoutKeepaliveTheConnectionIsSilentlyLost() throws IOException {
        try (SocketChannel client = SocketChannel.open(nat.address())) {
            nat.awaitExpired(Duration.ofSeconds(10));
            client.write(ByteBuffer.wrap(new byte[1]));
            nat.awaitDiscarded(3, Duration.ofSeconds(10)); // The byte and two retransmissions.
        }
    }

    @Test
    void keepaliveKeepsTheConnection() throws Exception {
        try (SocketChannel client = SocketChannel.open(nat.address())) {
            client.setOption(StandardSocketOptions.SO_KEEPALIVE, true)
                    .setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 1)
                    .setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 1);
            Thread.sleep(4_000);
            assertThat(nat.events()).doesNotHaveAnyElementsOfTypes(FlowExpired.class);
        }
    }
}
