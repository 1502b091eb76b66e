package blackhole.proxy.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import blackhole.proxy.http.AdminClient;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Reads an event stream on a thread of its own. */
public final class EventReader implements Closeable {
    private final Stream<String> body;
    private final int status;
    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final AtomicInteger comments = new AtomicInteger();
    private final Thread thread;

    public record Event(String type, String id, JsonNode data) {
        public long number() {
            return Long.parseLong(id.substring(id.indexOf('-') + 1));
        }
    }

    public EventReader(HttpRequest request, HttpClient http) throws IOException {
        try {
            HttpResponse<Stream<String>> response = http.send(request, HttpResponse.BodyHandlers.ofLines());
            status = response.statusCode();
            body = response.body();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        thread = new Thread(this::read, "event-reader");
        thread.setDaemon(true);
        thread.start();
    }

    private void read() {
        try (body) {
            String type = "";
            String id = "";
            String data = "";
            for (String line : (Iterable<String>) body::iterator) {
                if (line.startsWith(":")) {
                    comments.incrementAndGet();
                } else if (line.startsWith("event: ")) {
                    type = line.substring(7);
                } else if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("data: ")) {
                    data = line.substring(6);
                } else if (line.isEmpty() && !data.isEmpty()) {
                    events.add(new Event(type, id, AdminClient.JSON.readTree(data)));
                    data = "";
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // The stream was closed.
        }
    }

    public int status() {
        return status;
    }

    public int comments() {
        return comments.get();
    }

    public boolean ended() {
        return !thread.isAlive();
    }

    public List<Event> all() {
        return List.copyOf(events);
    }

    public List<String> types() {
        return events.stream().map(Event::type).toList();
    }

    public void awaitSize(int size) {
        await().atMost(AdminClient.PATIENCE)
                .untilAsserted(() -> assertThat(events).hasSize(size));
    }

    public Event first(String type) {
        await().atMost(AdminClient.PATIENCE)
                .untilAsserted(() -> assertThat(types()).contains(type));
        return events.stream()
                .filter(event -> event.type().equals(type))
                .findFirst()
                .orElseThrow();
    }

    /** Returns a text or number of the first event of this type. */
    public String text(String type, String pointer) {
        return first(type).data().at(pointer).asText();
    }

    @Override
    public void close() throws IOException {
        body.close();
    }
}
