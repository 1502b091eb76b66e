package blackhole.testcontainers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.testcontainers.shaded.com.fasterxml.jackson.core.JsonProcessingException;
import org.testcontainers.shaded.com.fasterxml.jackson.databind.JsonNode;
import org.testcontainers.shaded.com.fasterxml.jackson.databind.ObjectMapper;

/** Speaks the proxy's HTTP API. Reads JSON with the parser inside Testcontainers, as its own modules do. Thread-safe. */
final class AdminClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int PAGE = 1000;

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    private final String api;
    private final String token;
    private volatile long ignoredFlow;

    AdminClient(String host, int port, String token) {
        api = "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port + "/api/v1";
        this.token = token;
    }

    /** Makes flows with this and smaller ids invisible. */
    void ignoreFlowsUpTo(long id) {
        ignoredFlow = id;
    }

    List<ContainerFlow> flows() {
        List<ContainerFlow> flows = new ArrayList<>();
        JsonNode page;
        do {
            page = parse(body("GET", "/flows?limit=" + PAGE + "&offset=" + flows.size(), BodyPublishers.noBody()));
            page.required("flows").forEach(flow -> flows.add(flow(flow)));
        } while (!page.required("flows").isEmpty()
                && flows.size() < page.required("total").asInt());
        flows.removeIf(flow -> flow.id() <= ignoredFlow);
        return flows;
    }

    private static ContainerFlow flow(JsonNode flow) {
        return new ContainerFlow(
                flow.required("id").asLong(),
                flow.required("state").asText(),
                flow.at("/expiry/cause").asText(null),
                leg(flow.required("client")),
                leg(flow.required("upstream")));
    }

    private static ContainerFlow.Leg leg(JsonNode leg) {
        return new ContainerFlow.Leg(
                leg.required("local").asText(null),
                leg.required("peer").asText(null),
                leg.required("bytesReceived").asLong(),
                leg.required("segmentsDiscarded").asLong());
    }

    /** Applies a command to all flows, and returns the ids of those that it could be applied to. */
    List<Long> command(String name) {
        HttpResponse<String> response =
                send("POST", "/flows/" + name, BodyPublishers.noBody(), BodyHandlers.ofString());
        if (response.statusCode() == NOT_FOUND || response.statusCode() == CONFLICT) {
            return List.of();
        }
        return StreamSupport.stream(
                        parse(successful(response)).required("flows").spliterator(), false)
                .map(JsonNode::asLong)
                .toList();
    }

    void outage(boolean on) {
        body("PUT", "/outage", json(Map.of("on", on)));
    }

    void reconfigure(Map<String, ? extends @Nullable Object> fields) {
        body("PATCH", "/middlebox", json(fields));
    }

    /**
     * Returns the first {@code number} events of this type since the proxy started, waiting for those that are still to
     * come; fewer if the wait times out.
     */
    List<ContainerEvent> firstEvents(String type, int number, Duration timeout) {
        List<ContainerEvent> seen = Collections.synchronizedList(new ArrayList<>());
        HttpResponse<Stream<String>> response =
                send("GET", "/events?start=oldest", BodyPublishers.noBody(), BodyHandlers.ofLines());
        // Closing the stream ends the reader.
        try (Stream<String> lines = response.body()) {
            Stream<ContainerEvent> events = lines.filter(line -> line.startsWith("data:"))
                    .map(line -> parse(line.substring("data:".length())))
                    .filter(event -> event.path("type").asText().equals(type))
                    .map(AdminClient::event)
                    .filter(event -> event.flowId() > ignoredFlow)
                    .limit(number);
            CompletableFuture.runAsync(() -> events.forEach(seen::add), AdminClient::runOnThread)
                    .get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return List.copyOf(seen);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the proxy's event stream ended", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + type, e);
        }
        return List.copyOf(seen);
    }

    private static ContainerEvent event(JsonNode event) {
        return new ContainerEvent(
                event.required("flowId").asLong(),
                event.required("type").asText(),
                Instant.parse(event.required("at").asText()));
    }

    private static void runOnThread(Runnable task) {
        Thread thread = new Thread(task, "blackhole-events");
        thread.setDaemon(true);
        thread.start();
    }

    private String body(String method, String path, BodyPublisher content) {
        return successful(send(method, path, content, BodyHandlers.ofString()));
    }

    private static String successful(HttpResponse<String> response) {
        if (response.statusCode() / 100 != 2) {
            throw new IllegalArgumentException(response.request().method() + " "
                    + response.request().uri() + ": " + response.statusCode() + " " + response.body());
        }
        return response.body();
    }

    private <T> HttpResponse<T> send(String method, String path, BodyPublisher content, BodyHandler<T> handler) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(api + path))
                .timeout(TIMEOUT)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .method(method, content)
                .build();
        try {
            return http.send(request, handler);
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + request.uri() + " failed; is the container running?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted: " + method + " " + request.uri(), e);
        }
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not JSON: " + json, e);
        }
    }

    private static BodyPublisher json(Object value) {
        try {
            return BodyPublishers.ofString(JSON.writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("can't be written as JSON: " + value, e);
        }
    }
}
