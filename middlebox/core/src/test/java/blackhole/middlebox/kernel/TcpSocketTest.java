package blackhole.middlebox.kernel;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class TcpSocketTest {
    @Test
    void socketWithoutAPeerCanNotBeFinished() throws IOException {
        Epoll.ensureAvailability();
        Socket socket = Socket.newSocketStream();
        try {
            assertThatThrownBy(() -> TcpSocket.of(socket).finish()).isInstanceOf(IOException.class);
        } finally {
            socket.close();
        }
    }
}
