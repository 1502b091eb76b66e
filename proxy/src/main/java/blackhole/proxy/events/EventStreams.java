package blackhole.proxy.events;

import blackhole.proxy.api.Limits;
import blackhole.proxy.api.Problem;
import blackhole.proxy.api.Resources.Snapshot;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The open event streams, all fed from one buffer. Any thread may call {@link #publish}, which never blocks; the rest runs
 * on the server's event loop.
 */
public final class EventStreams {
    public static final String MEDIA_TYPE = "text/event-stream";

    private final Limits limits;
    private final Context context;
    private final AtomicBoolean pumping = new AtomicBoolean();
    private final AtomicLong missed = new AtomicLong();
    private final Map<EventStream, HttpConnection> streams = new LinkedHashMap<>();
    private volatile String run = newRun();
    private volatile EventBuffer events;
    private volatile int open;

    /**
     * The first event of each stream.
     *
     * @param resumed whether the reader missed nothing since its last event
     */
    record Hello(
            String run,
            boolean resumed,
            long oldest,
            long newest,
            @JsonUnwrapped Snapshot snapshot) {}

    public EventStreams(Limits limits, Vertx vertx, Context context) {
        this.limits = limits;
        this.context = context;
        events = new EventBuffer(limits.bufferedEvents());
        vertx.setPeriodic(limits.heartbeat().toMillis(), tick -> open().forEach(EventStream::heartbeat));
    }

    private static String newRun() {
        return Long.toString(Instant.now().toEpochMilli(), Character.MAX_RADIX);
    }

    private List<EventStream> open() {
        return List.copyOf(streams.keySet());
    }

    /** Starts a new run without events, and closes the streams, whose readers come back for it. */
    public void restart() {
        run = newRun();
        events = new EventBuffer(limits.bufferedEvents());
        List.copyOf(streams.values()).forEach(HttpConnection::close);
    }

    public void publish(Object event) {
        events.append(event);
        if (open > 0 && pumping.compareAndSet(false, true)) {
            context.runOnContext(now -> {
                pumping.set(false);
                open().forEach(EventStream::pump);
            });
        }
    }

    /** @throws Problem if too many streams are open */
    public void open(HttpServerRequest request, StreamPosition position, Snapshot snapshot) {
        if (streams.size() >= limits.streams()) {
            request.response().putHeader("Retry-After", "10");
            throw Problem.of(503, "all " + limits.streams() + " event streams are in use");
        }
        EventStream stream = new EventStream(this, request.response(), position.next(run, events));
        streams.put(stream, request.connection());
        open = streams.size();
        request.response().closeHandler(closed -> {
            streams.remove(stream);
            open = streams.size();
        });
        boolean resumed = position.isResumable(run, events);
        stream.start(new Hello(run, resumed, events.oldest(), events.newest(), snapshot));
    }

    String idOf(long number) {
        return run + "-" + number;
    }

    EventBuffer events() {
        return events;
    }

    void countMissed(long number) {
        missed.addAndGet(number);
    }

    public int openStreams() {
        return open;
    }

    public long missedEvents() {
        return missed.get();
    }
}
