package blackhole.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Endpoint;
import blackhole.proxy.api.Limits;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A proxy with one route to a server socket of the test, its admin server, and a client of that. */
public final class AdminRig extends AdminClient {
    private static final int BACKLOG = 1024;

    private final ServerSocket upstream;
    private final Middlebox proxy;
    private final AdminServer admin;
    private final List<Closeable> sockets = new ArrayList<>();

    private AdminRig(ServerSocket upstream, Middlebox proxy, AdminServer admin) {
        super(admin.endpoint());
        this.upstream = upstream;
        this.proxy = proxy;
        this.admin = admin;
    }

    public static AdminRig start() throws IOException {
        return start(settings -> settings);
    }

    public static AdminRig start(UnaryOperator<Middlebox.Builder> settings) throws IOException {
        return start(settings, null, Limits.DEFAULT);
    }

    public static AdminRig start(Limits limits) throws IOException {
        return start(settings -> settings, null, limits);
    }

    public static AdminRig start(UnaryOperator<Middlebox.Builder> settings, @Nullable String token, Limits limits)
            throws IOException {
        ServerSocket upstream = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        upstream.setSoTimeout((int) PATIENCE.toMillis());
        Middlebox proxy = settings.apply(Middlebox.builder().route("0=127.0.0.1:" + upstream.getLocalPort()))
                .start();
        return new AdminRig(upstream, proxy, new AdminServer(proxy, Endpoint.parseListen("0"), token, limits));
    }

    public Middlebox proxy() {
        return proxy;
    }

    public AdminServer admin() {
        return admin;
    }

    public int port() {
        return admin.endpoint().port();
    }

    /** A flow, seen from both of its ends. */
    public record Connection(Socket client, Socket server) {
        /** A byte each way. */
        public void exchange() throws IOException {
            client.getOutputStream().write(1);
            assertThat(server.getInputStream().read()).isEqualTo(1);
            server.getOutputStream().write(2);
            assertThat(client.getInputStream().read()).isEqualTo(2);
        }

        public void send() throws IOException {
            client.getOutputStream().write(1);
        }

        public String clientAddress() {
            return client.getLocalAddress().getHostAddress() + ":" + client.getLocalPort();
        }
    }

    public Connection connect() throws IOException {
        return new Connection(
                open(new Socket(proxy.address().getAddress(), proxy.address().getPort())), open(upstream.accept()));
    }

    public List<Connection> connect(int number) throws IOException {
        List<Connection> connections = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            connections.add(connect());
        }
        return connections;
    }

    private Socket open(Socket socket) throws IOException {
        sockets.add(socket);
        socket.setSoTimeout((int) PATIENCE.toMillis());
        return socket;
    }

    /** Makes the proxy's next event a background failure. */
    public void failOnNextEvent(String message) {
        proxy.addListener(event -> {
            throw new IllegalStateException(message);
        });
    }

    /** @param label without quotes and backslashes */
    public void label(Connection flow, String label) throws IOException {
        json("PUT", "/api/v1/flows/label?client=" + flow.clientAddress(), "{\"label\": \"" + label + "\"}")
                .ok();
    }

    @Override
    public void close() throws IOException {
        super.close();
        for (Closeable socket : sockets) {
            socket.close();
        }
        admin.close();
        proxy.close();
        upstream.close();
    }
}
