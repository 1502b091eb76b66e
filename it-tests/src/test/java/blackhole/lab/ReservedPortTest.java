package blackhole.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Only a server that binds a reserved port by number gets it. */
class ReservedPortTest {

    @Test
    void isNotAssignedToSocketsThatBindAnyPort() throws IOException {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        List<ReservedPort> reserved = new ArrayList<>();
        try {
            // So many that one would be among the thousands of random ports below by chance.
            IntStream.range(0, 1000).forEach(i -> reserved.add(ReservedPort.take()));
            Set<Integer> held =
                    reserved.stream().map(port -> port.address().getPort()).collect(Collectors.toSet());

            assertThat(held).hasSize(1000);
            for (int i = 0; i < 3000; i++) {
                try (ServerSocket other = new ServerSocket(0, 1, loopback)) {
                    assertThat(held).doesNotContain(other.getLocalPort());
                }
            }
        } finally {
            reserved.forEach(ReservedPort::close);
        }
    }

    @Test
    void serverBindsItByNumberWhileItIsHeld() throws IOException {
        try (ReservedPort port = ReservedPort.take();
                ServerSocket server = new ServerSocket()) {
            assertThatThrownBy(() -> connect(port.address())).isInstanceOf(ConnectException.class);

            server.bind(port.address());

            connect(port.address());
        }
    }

    @Test
    void isFreeOnceClosed() throws IOException {
        ReservedPort port = ReservedPort.take();
        InetSocketAddress address = port.address();
        port.close();

        try (ServerSocket server = new ServerSocket()) {
            server.setReuseAddress(false);
            server.bind(address);
        }
    }

    private static void connect(InetSocketAddress address) throws IOException {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            assertThat(socket.isConnected()).isTrue();
        }
    }
}
