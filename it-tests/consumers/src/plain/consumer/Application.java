package consumer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/** An echo server, and a client with one connection. */
final class Application implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Socket client = new Socket();

    Application() throws IOException {
        new Thread(this::serve).start();
    }

    private void serve() {
        try (Socket accepted = server.accept()) {
            accepted.getInputStream().transferTo(accepted.getOutputStream());
        } catch (IOException e) {
            // The test is over.
        }
    }

    int port() {
        return server.getLocalPort();
    }

    void connect(InetSocketAddress address) throws IOException {
        client.connect(address);
    }

    /** Sends a request on the one connection; returns false if the answer takes longer than {@code timeout}. */
    boolean answers(Duration timeout) throws IOException {
        client.setSoTimeout((int) timeout.toMillis());
        client.getOutputStream().write(1);
        try {
            return client.getInputStream().read() == 1;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        client.close();
        server.close();
    }
}
