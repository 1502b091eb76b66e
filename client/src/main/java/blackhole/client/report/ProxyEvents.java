package blackhole.client.report;

import blackhole.client.evidence.Evidence;
import blackhole.client.evidence.RunEvent;
import blackhole.client.evidence.SocketHistory;
import blackhole.client.scenario.ScenarioException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Records the proxy's event stream, {@code GET /api/v1/events}, during a run, and matches its flows with sockets by the
 * client's port. Thread-safe.
 */
public final class ProxyEvents implements AutoCloseable {

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);
    private static final Duration GRACE = Duration.ofMillis(300);
    private static final int UNAUTHORIZED = 401;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Stream<String> lines;
    private final Thread reader;
    private final Queue<JsonNode> received = new ConcurrentLinkedQueue<>();

    private ProxyEvents(Stream<String> lines) {
        this.lines = lines;
        reader = new Thread(this::read, "proxy-events");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts recording.
     *
     * @param proxyAdmin the proxy's {@code --admin} address, such as {@code http://127.0.0.1:8080}
     * @param token bearer token; null if none
     * @throws ScenarioException if there is no such proxy, or it rejects the token, which the message does not contain
     * @throws InterruptedException if this thread is interrupted while it connects
     */
    public static ProxyEvents listen(URI proxyAdmin, @Nullable String token) throws InterruptedException {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(
                            URI.create(proxyAdmin.toString().replaceAll("/+$", "") + "/api/v1/events?start=now"))
                    .header("Accept", "text/event-stream");
            if (token != null) {
                request.header("Authorization", "Bearer " + token);
            }
            // Not the request's timeout, which in some JDKs includes the body, and this body never ends.
            HttpResponse<Stream<String>> response = HttpClient.newHttpClient()
                    .sendAsync(request.build(), HttpResponse.BodyHandlers.ofLines())
                    .orTimeout(ANSWER_WITHIN.toSeconds(), TimeUnit.SECONDS)
                    .get();
            if (response.statusCode() != 200) {
                response.body().close();
                throw new ScenarioException(
                        "--proxy-admin " + proxyAdmin + ": " + refusal(response.statusCode(), token != null));
            }
            return new ProxyEvents(response.body());
        } catch (ExecutionException | IllegalArgumentException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            String reason = cause instanceof TimeoutException
                    ? "no answer within " + ANSWER_WITHIN.toSeconds() + "s"
                    : Objects.requireNonNullElse(cause.getMessage(), "no connection");
            throw new ScenarioException(
                    "--proxy-admin " + proxyAdmin + ": " + reason + "; is the proxy's --admin listening there?", e);
        }
    }

    private static String refusal(int status, boolean withToken) {
        if (status != UNAUTHORIZED) {
            return "the proxy responded with status " + status;
        }
        return withToken
                ? "the proxy rejected the token of --proxy-admin-token-file"
                : "the proxy requires a token: set --proxy-admin-token-file to the file of its --admin-token-file";
    }

    /** Returns the run with the events of its sockets' flows. */
    public RunRecord addTo(RunRecord run) throws InterruptedException {
        // The last events may still be in flight.
        TimeUnit.MILLISECONDS.sleep(GRACE.toMillis());
        String warning = reader.isAlive()
                ? null
                : "the event stream of --proxy-admin ended before the run, so later events of the proxy are missing";
        return run.with(matched(run.report().evidence()), warning);
    }

    @Override
    public void close() {
        lines.close();
    }

    private void read() {
        try {
            for (String line : (Iterable<String>) lines::iterator) {
                if (line.startsWith("data:")) {
                    received.add(JSON.readTree(line.substring("data:".length())));
                }
            }
        } catch (JsonProcessingException | UncheckedIOException ended) {
            // Not the proxy's event stream, or ended by close() or by the proxy.
        }
    }

    private List<RunEvent> matched(Evidence evidence) {
        Map<Long, Integer> socketOfFlow = new HashMap<>();
        List<RunEvent> events = new ArrayList<>();
        for (JsonNode event : received) {
            if (event.has("flowId")) {
                long flow = event.path("flowId").asLong();
                Duration at = Duration.between(
                        evidence.startedAt(), Instant.parse(event.path("at").asText()));
                if (event.path("type").asText().equals("flow-opened")) {
                    socket(evidence, event.path("client").asText(), at)
                            .ifPresent(socket -> socketOfFlow.put(flow, socket.id()));
                }
                if (socketOfFlow.containsKey(flow)) {
                    events.add(new RunEvent(at, socketOfFlow.get(flow), RunEvent.Kind.PROXY, text(event)));
                }
            }
        }
        return events;
    }

    /** Returns the socket opened closest to the flow, because a port may be reused in a long run. */
    private static Optional<SocketHistory> socket(Evidence evidence, String client, Duration at) {
        return evidence.sockets().stream()
                .filter(socket -> client.endsWith(":" + socket.local().getPort()))
                .min(Comparator.comparing(socket -> socket.openedAt().minus(at).abs()));
    }

    private static String text(JsonNode event) {
        StringBuilder text = new StringBuilder(event.path("type").asText());
        for (String field : List.of(
                "cause",
                "idleMillis",
                "onExpiry",
                "leg",
                "number",
                "gapMillis",
                "by",
                "how",
                "afterExpiryMillis",
                "reason")) {
            JsonNode value = event.path(field);
            if (value.isValueNode() && !value.isNull()) {
                text.append(' ').append(field).append('=').append(value.asText());
            }
        }
        return text.toString();
    }
}
