package blackhole.proxy.events;

import blackhole.proxy.api.Scene;
import blackhole.proxy.http.Limits;
import blackhole.proxy.http.Problem;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The open event streams, all fed from one buffer. {@link #publish} may be called by any thread and waits for nobody;
 * the rest runs on the server's event loop.
 */
public final class EventStreams {
    private final Supplier<Scene> scene;
    private final Limits limits;
    private final Context context;
    private volatile String run = newRun();
    private volatile EventBuffer events;
    private final AtomicBoolean pumping = new AtomicBoolean();
    private final AtomicLong missed = new AtomicLong();
    private final List<EventStream> streams = new ArrayList<>();
    private volatile int open;

    public EventStreams(Supplier<Scene> scene, Limits limits, Vertx vertx, Context context) {
        this.scene = scene;
        this.limits = limits;
        this.context = context;
        events = new EventBuffer(limits.bufferedEvents());
        vertx.setPeriodic(
                limits.heartbeat().toMillis(), tick -> List.copyOf(streams).forEach(EventStream::heartbeat));
    }

    private static String newRun() {
        return Long.toString(Instant.now().toEpochMilli(), Character.MAX_RADIX);
    }

    /** Begins another run: there are no events yet, and readers come back for its hello. On the server's event loop. */
    public void restart() {
        run = newRun();
        events = new EventBuffer(limits.bufferedEvents());
        List.copyOf(streams).forEach(EventStream::abort);
    }

    public void publish(Object event) {
        events.append(event);
        if (open > 0 && pumping.compareAndSet(false, true)) {
            context.runOnContext(unused -> pump());
        }
    }

    private void pump() {
        pumping.set(false);
        List.copyOf(streams).forEach(EventStream::pump);
    }

    /**
     * Opens a stream.
     *
     * @param position after what the reader has
     * @throws Problem when there are too many already
     */
    public void open(HttpServerRequest request, StreamPosition position) {
        if (streams.size() >= limits.streams()) {
            request.response().putHeader("Retry-After", "10");
            throw Problem.of(503, "there are " + streams.size() + " event streams already, which is the most");
        }
        EventStream stream = new EventStream(this, request, position.next(run, events));
        streams.add(stream);
        open = streams.size();
        request.response().closeHandler(closed -> remove(stream));
        stream.start(position.isResumable(run, events));
    }

    private void remove(EventStream stream) {
        streams.remove(stream);
        open = streams.size();
    }

    public Hello hello(boolean resumed) {
        Scene now = scene.get();
        return new Hello(
                run, resumed, now.at(), events.oldest(), events.newest(), now.outage(), now.middlebox(), now.replay());
    }

    /** The first event of each stream; {@code resumed} means that nothing was lost since the last one the reader has. */
    public record Hello(
            String run,
            boolean resumed,
            Instant at,
            long oldest,
            long newest,
            boolean outage,
            Object middlebox,
            Scene.@Nullable Playing replay) {}

    public String idOf(long number) {
        return run + "-" + number;
    }

    public EventBuffer events() {
        return events;
    }

    public Limits limits() {
        return limits;
    }

    public void countMissed(long number) {
        missed.addAndGet(number);
    }

    /** How many streams are open. */
    public int openStreams() {
        return open;
    }

    /** How many events slow readers missed, in all. */
    public long missedEvents() {
        return missed.get();
    }
}
