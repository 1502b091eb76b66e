package blackhole.junit;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Route;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The proxy of one extension, and the events of its test: it runs from the first class or test that begins to the last
 * that ends. Thread-safe.
 */
final class TestMiddlebox {
    private final Supplier<String> upstream;
    private final String listen;
    private final MiddleboxConfig middlebox;
    private final EventRecord events = new EventRecord();

    private @Nullable Middlebox proxy;
    private Instant begin = Instant.EPOCH;
    private int classes;
    private int tests;

    TestMiddlebox(Supplier<String> upstream, String listen, MiddleboxConfig middlebox) {
        this.upstream = upstream;
        this.listen = listen;
        this.middlebox = middlebox;
    }

    synchronized void classBegins() {
        classes++;
        start();
    }

    /** Unless others run at the same time, the proxy is as new for this one, but for its flows. */
    synchronized void testBegins() {
        tests++;
        start();
        if (tests == 1) {
            running().outage(false);
            running().reconfigure(box -> middlebox);
            events.clear();
            begin = Instant.now();
        }
    }

    private void start() {
        if (proxy == null) {
            begin = Instant.now();
            proxy = Middlebox.builder()
                    .route(Route.parse(listen + "=" + upstream.get()))
                    .config(middlebox)
                    .listener(events)
                    .start();
        }
    }

    synchronized void testEnds() {
        tests--;
        closeWhenUnused();
    }

    synchronized void classEnds() {
        classes--;
        closeWhenUnused();
    }

    private void closeWhenUnused() {
        Middlebox unused = proxy;
        if (unused != null && tests == 0 && classes == 0) {
            proxy = null;
            try (unused) {
                unused.reset(flow -> true);
            }
        }
    }

    synchronized boolean isRunning() {
        return proxy != null;
    }

    /** @throws IllegalStateException outside of a test */
    synchronized Middlebox running() {
        if (proxy == null) {
            throw new IllegalStateException(
                    "the proxy runs during tests only: is the field annotated with @RegisterExtension?");
        }
        return proxy;
    }

    EventRecord events() {
        return events;
    }

    synchronized String report() {
        return FlowReport.of(running(), List.copyOf(events.view()), events.expired(), begin);
    }
}
