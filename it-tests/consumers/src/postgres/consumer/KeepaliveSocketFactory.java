package consumer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;
import jdk.net.ExtendedSocketOptions;

/** Sets the keepalive timers that pgjdbc has no setting for; {@code tcpKeepAlive=true} has to switch keepalive on. */
public final class KeepaliveSocketFactory extends SocketFactory {
    @Override
    public Socket createSocket() throws IOException {
        return new Socket()
                .setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 1)
                .setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 1);
    }

    @Override
    public Socket createSocket(String host, int port) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
        throw new UnsupportedOperationException();
    }
}
