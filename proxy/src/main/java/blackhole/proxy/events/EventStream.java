package blackhole.proxy.events;

import blackhole.proxy.api.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/**
 * One reader of the server-sent events. Writes while the reader keeps up, and otherwise only remembers its position. Runs
 * on the server's event loop.
 */
final class EventStream {
    private static final int MAX_QUEUED_BYTES = 64 * 1024;
    private static final int BATCH = 256;

    private final EventStreams streams;
    private final HttpServerResponse response;
    private long next;

    /** Tells a reader that events were overwritten before it took them. */
    private record Missed(long count) {}

    /** @param next the number of the first event to send */
    EventStream(EventStreams streams, HttpServerResponse response, long next) {
        this.streams = streams;
        this.response = response;
        this.next = next;
    }

    void start(EventStreams.Hello hello) {
        response.setChunked(true)
                .setWriteQueueMaxSize(MAX_QUEUED_BYTES)
                .putHeader("Content-Type", EventStreams.MEDIA_TYPE)
                .putHeader("X-Accel-Buffering", "no")
                .drainHandler(drained -> pump());
        Buffer first = Buffer.buffer("retry: 1000\n");
        append(first, next - 1, Json.typed(hello));
        response.write(first);
        pump();
    }

    void pump() {
        EventBuffer events = streams.events();
        while (!response.closed() && !response.writeQueueFull() && next <= events.newest()) {
            Buffer batch = Buffer.buffer();
            fill(batch, events);
            if (batch.length() == 0) {
                return;
            }
            response.write(batch);
        }
    }

    private void fill(Buffer batch, EventBuffer events) {
        for (int i = 0; i < BATCH && next <= events.newest(); i++) {
            long oldest = events.oldest();
            if (next < oldest) {
                Missed missed = new Missed(oldest - next);
                next = oldest;
                streams.countMissed(missed.count);
                append(batch, next - 1, Json.typed(missed));
            }
            EventBuffer.Entry entry = events.get(next);
            if (entry != null) {
                append(batch, entry.id(), Json.object().put("id", entry.id()).setAll(Json.typed(entry.event())));
                next++;
            } else if (next >= events.oldest()) {
                // Not visible yet; the thread that appends it will call pump again.
                return;
            }
        }
    }

    private void append(Buffer buffer, long number, ObjectNode data) {
        buffer.appendString("event: " + data.get("type").textValue() + "\nid: " + streams.idOf(number) + "\ndata: ")
                .appendBytes(Json.bytes(data))
                .appendString("\n\n");
    }

    /** Lets both ends notice that the other is gone. */
    void heartbeat() {
        if (!response.writeQueueFull()) {
            response.write(": heartbeat\n\n");
        }
    }
}
