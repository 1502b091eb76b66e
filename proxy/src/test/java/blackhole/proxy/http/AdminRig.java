package blackhole.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Endpoint;
import blackhole.proxy.api.Limits;
import blackhole.proxy.events.EventReader;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A proxy with one route to a server socket of the test's own, controlled over HTTP. */
public final class AdminRig implements AutoCloseable {
    public static final Duration PATIENCE = Duration.ofSeconds(20);
    public static final ObjectMapper JSON = new ObjectMapper();

    private static final int BACKLOG = 1024;

    private final ServerSocket upstream;
    private final Middlebox proxy;
    private final AdminServer admin;
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<Closeable> opened = new ArrayList<>();

    private AdminRig(UnaryOperator<Middlebox.Builder> settings, @Nullable String token, Limits limits)
            throws IOException {
        upstream = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        upstream.setSoTimeout((int) PATIENCE.toMillis());
        proxy = settings.apply(Middlebox.builder().route("0=127.0.0.1:" + upstream.getLocalPort()))
                .start();
        admin = AdminServer.start(proxy, Endpoint.parseListen("0"), token, limits);
    }

    public static AdminRig start() throws IOException {
        return start(settings -> settings);
    }

    public static AdminRig start(UnaryOperator<Middlebox.Builder> settings) throws IOException {
        return start(settings, null, Limits.DEFAULT);
    }

    public static AdminRig start(UnaryOperator<Middlebox.Builder> settings, @Nullable String token, Limits limits)
            throws IOException {
        return new AdminRig(settings, token, limits);
    }

    public Middlebox proxy() {
        return proxy;
    }

    public AdminServer admin() {
        return admin;
    }

    public int port() {
        return admin.address().getPort();
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

        public String clientAddress() {
            return client.getLocalAddress().getHostAddress() + ":" + client.getLocalPort();
        }
    }

    public Connection connect() throws IOException {
        Socket client = new Socket(proxy.address().getAddress(), proxy.address().getPort());
        opened.add(client);
        Socket server = upstream.accept();
        opened.add(server);
        client.setSoTimeout((int) PATIENCE.toMillis());
        server.setSoTimeout((int) PATIENCE.toMillis());
        return new Connection(client, server);
    }

    /** All that comes back for these bytes, which need not be HTTP, until the server closes. */
    public String raw(String request) throws IOException {
        return raw(admin, request);
    }

    public static String raw(AdminServer admin, String request) throws IOException {
        try (Socket socket =
                new Socket(admin.address().getAddress(), admin.address().getPort())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    public EventReader events(String query, String... headers) throws IOException {
        EventReader reader = new EventReader(request(query, headers).GET().build(), http);
        opened.add(reader);
        return reader;
    }

    public HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://" + admin.endpoint() + path))
                .timeout(PATIENCE);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return request;
    }

    public Answer send(HttpRequest.Builder request) throws IOException {
        try {
            return new Answer(http.send(request.build(), HttpResponse.BodyHandlers.ofString()));
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    public Answer get(String path, String... headers) throws IOException {
        return send(request(path, headers).GET());
    }

    public Answer post(String path) throws IOException {
        return send(request(path).POST(HttpRequest.BodyPublishers.noBody()));
    }

    public Answer json(String method, String path, String body) throws IOException {
        return send(request(path, "Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body)));
    }

    public Answer patch(String body) throws IOException {
        return json("PATCH", "/api/v1/middlebox", body);
    }

    /** @param label without quotes and backslashes */
    public void label(Connection flow, String label) throws IOException {
        json("PUT", "/api/v1/flows/label?client=" + flow.clientAddress(), "{\"label\": \"" + label + "\"}")
                .ok();
    }

    /** What came back. */
    public record Answer(HttpResponse<String> http) {
        public int status() {
            return http.statusCode();
        }

        public String header(String name) {
            return http.headers().firstValue(name).orElse("");
        }

        public JsonNode json() throws IOException {
            return JSON.readTree(http.body());
        }

        /** The problem document that this is. */
        public JsonNode problem(int status) throws IOException {
            assertThat(status()).as(http.body()).isEqualTo(status);
            assertThat(header("Content-Type")).isEqualTo("application/problem+json");
            assertThat(json().get("status").intValue()).isEqualTo(status);
            return json();
        }

        public JsonNode ok() throws IOException {
            assertThat(status()).as(http.body()).isEqualTo(200);
            return json();
        }
    }

    @Override
    public void close() throws IOException {
        for (Closeable each : opened) {
            each.close();
        }
        admin.close();
        proxy.close();
        upstream.close();
    }
}
