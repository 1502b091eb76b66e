package blackhole.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.config.Endpoint;
import blackhole.proxy.events.EventReader;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A client of the admin API. */
public class AdminClient implements Closeable {
    public static final Duration PATIENCE = Duration.ofSeconds(20);
    public static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final Endpoint server;
    private final List<EventReader> readers = new ArrayList<>();

    public AdminClient(Endpoint server) {
        this.server = server;
    }

    /** Returns everything that the server sends until it closes; {@code request} need not be HTTP. */
    public String raw(String request) throws IOException {
        try (Socket socket = new Socket(server.host(), server.port())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    public EventReader events(String query, String... headers) throws IOException {
        EventReader reader =
                new EventReader(request("/api/v1/events" + query, headers).GET().build(), http);
        readers.add(reader);
        return reader;
    }

    public HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://" + server + path)).timeout(PATIENCE);
        return headers.length == 0 ? request : request.headers(headers);
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

    /** Returns a text or number of the JSON at {@code path}. */
    public String value(String path, String pointer) throws IOException {
        return get(path).ok().at(pointer).asText();
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

    public String metrics() throws IOException {
        return get("/metrics").http().body();
    }

    /** A response. */
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

        /** Returns the problem document. */
        public JsonNode problem(int status) throws IOException {
            assertThat(status()).as(http.body()).isEqualTo(status);
            assertThat(header("Content-Type")).isEqualTo("application/problem+json");
            assertThat(json().get("status").intValue()).isEqualTo(status);
            return json();
        }

        /** Checks that it is a problem with this field. */
        public void problemIn(String field) throws IOException {
            assertThat(problem(400).path("field").asText()).isEqualTo(field);
            assertThat(json().get("detail").textValue()).startsWith(field);
        }

        public JsonNode ok() throws IOException {
            assertThat(status()).as(http.body()).isEqualTo(200);
            return json();
        }
    }

    @Override
    public void close() throws IOException {
        for (EventReader reader : readers) {
            reader.close();
        }
    }
}
