package blackhole.proxy.admin;

import blackhole.proxy.BlackholeProxy;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The open event streams, all fed from one buffer. {@link #publish} may be called by any thread and waits for nobody;
 * the rest runs on the server's event loop.
 */
final class EventStreams {
    private final BlackholeProxy proxy;
    private final Limits limits;
    private final Context context;
    private final String run = Long.toString(Instant.now().toEpochMilli(), Character.MAX_RADIX);
    private final EventBuffer events;
    private final AtomicBoolean pumping = new AtomicBoolean();
    private final AtomicLong missed = new AtomicLong();
    private final List<EventStream> streams = new ArrayList<>();
    private volatile int open;

    EventStreams(BlackholeProxy proxy, Limits limits, Vertx vertx, Context context) {
        this.proxy = proxy;
        this.limits = limits;
        this.context = context;
        events = new EventBuffer(limits.bufferedEvents());
        vertx.setPeriodic(
                limits.heartbeat().toMillis(), tick -> List.copyOf(streams).forEach(EventStream::heartbeat));
    }

    void publish(Object event) {
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
    void open(HttpServerRequest request, StreamPosition position) {
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

    Hello hello(boolean resumed) {
        return new Hello(
                run,
                resumed,
                Instant.now(),
                events.oldest(),
                events.newest(),
                proxy.isDark(),
                MiddleboxView.of(proxy.middlebox()));
    }

    /** The first event of each stream; {@code resumed} means that nothing was lost since the last one the reader has. */
    record Hello(
            String run, boolean resumed, Instant at, long oldest, long newest, boolean dark, MiddleboxView middlebox) {}

    String idOf(long number) {
        return run + "-" + number;
    }

    EventBuffer events() {
        return events;
    }

    Limits limits() {
        return limits;
    }

    void countMissed(long number) {
        missed.addAndGet(number);
    }

    /** How many streams are open. */
    int openStreams() {
        return open;
    }

    /** How many events slow readers missed, in all. */
    long missedEvents() {
        return missed.get();
    }
}
