package blackhole.proxy.events;

import blackhole.proxy.api.Json;
import blackhole.proxy.api.JsonNames;
import blackhole.proxy.http.ConnectionGuard;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;

/**
 * One reader of the events, as server-sent events. Writes as long as the reader takes what is written, and keeps only its
 * place otherwise. Runs on the server's event loop.
 */
public final class EventStream {
    private static final int QUEUED_BYTES = 64 * 1024;
    private static final int BATCH = 256;

    private final EventStreams streams;
    private final HttpConnection connection;
    private final HttpServerResponse response;
    private long next;
    private long lastProgressAt = System.nanoTime();

    public EventStream(EventStreams streams, HttpServerRequest request, long next) {
        this.streams = streams;
        connection = request.connection();
        response = request.response();
        this.next = next;
    }

    public void start(boolean resumed) {
        response.setChunked(true)
                .setWriteQueueMaxSize(QUEUED_BYTES)
                .putHeader("Content-Type", "text/event-stream")
                .putHeader("X-Accel-Buffering", "no")
                .exceptionHandler(broken -> ConnectionGuard.abort(connection));
        response.drainHandler(drained -> pump());
        Buffer first = Buffer.buffer("retry: 1000\n");
        append(first, "hello", next - 1, Json.with(Json.object().put("type", "hello"), streams.hello(resumed)));
        write(first);
        pump();
    }

    public void pump() {
        EventBuffer events = streams.events();
        while (!response.closed() && !response.writeQueueFull() && next <= events.newest()) {
            Buffer batch = Buffer.buffer();
            fill(batch, events);
            if (batch.length() == 0) {
                return;
            }
            write(batch);
        }
    }

    private void fill(Buffer batch, EventBuffer events) {
        for (int i = 0; i < BATCH && next <= events.newest(); i++) {
            long oldest = events.oldest();
            if (next < oldest) {
                long missed = oldest - next;
                next = oldest;
                streams.countMissed(missed);
                ObjectNode data = Json.object().put("type", "missed").put("count", missed);
                append(batch, "missed", next - 1, data);
            }
            EventBuffer.Entry entry = events.get(next);
            if (entry != null) {
                String type = typeOf(entry.event());
                ObjectNode data = Json.object().put("id", entry.id()).put("type", type);
                append(batch, type, entry.id(), Json.with(data, entry.event()));
                next++;
            } else if (next >= events.oldest()) {
                // About to appear; whoever appends it wakes us.
                return;
            }
        }
    }

    private static String typeOf(Object event) {
        return event instanceof JsonNode recorded
                ? recorded.get("type").textValue()
                : JsonNames.ofType(event.getClass());
    }

    public void abort() {
        ConnectionGuard.abort(connection);
    }

    private void append(Buffer buffer, String type, long number, ObjectNode data) {
        buffer.appendString("event: " + type + "\nid: " + streams.idOf(number) + "\ndata: ")
                .appendBytes(Json.bytes(data))
                .appendString("\n\n", StandardCharsets.US_ASCII.name());
    }

    /** Finds out whether the reader is still there; one that has taken nothing for too long is closed. */
    public void heartbeat() {
        if (!response.writeQueueFull()) {
            write(Buffer.buffer(": heartbeat\n\n"));
        } else if (System.nanoTime() - lastProgressAt
                > streams.limits().stalled().toNanos()) {
            ConnectionGuard.abort(connection);
        }
    }

    private void write(Buffer buffer) {
        lastProgressAt = System.nanoTime();
        response.write(buffer);
    }
}
