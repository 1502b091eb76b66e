package blackhole.junit;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Route;
import blackhole.middlebox.flow.BackgroundFailure;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The middlebox of one extension and the events of the current test. It runs from the start of the first class or test
 * to the end of the last. Thread-safe.
 */
final class TestMiddlebox {
    private final Supplier<String> upstream;
    private final String listen;
    private final MiddleboxConfig config;
    private final EventRecord events = new EventRecord();

    private @Nullable Middlebox middlebox;
    private Instant begin = Instant.EPOCH;
    private int classes;
    private int tests;

    TestMiddlebox(Supplier<String> upstream, String listen, MiddleboxConfig config) {
        this.upstream = upstream;
        this.listen = listen;
        this.config = config;
    }

    synchronized void startClass() {
        classes++;
        startIfNeeded();
    }

    /** Also restores the initial state, except for flows, unless another test is running. */
    synchronized void startTest() {
        tests++;
        Middlebox running = startIfNeeded();
        if (tests == 1) {
            running.outage(false);
            running.reconfigure(current -> config);
            events.clear();
            begin = Instant.now();
        }
    }

    private Middlebox startIfNeeded() {
        Middlebox running = middlebox;
        if (running == null) {
            begin = Instant.now();
            running = Middlebox.builder()
                    .route(Route.parse(listen + "=" + upstream.get()))
                    .config(config)
                    .listener(events)
                    .start();
            middlebox = running;
        }
        return running;
    }

    /** Returns the middlebox's failure, if any. */
    synchronized Optional<BackgroundFailure> stopTest() {
        tests--;
        return closeIfUnused();
    }

    /** Returns the middlebox's failure, if any. */
    synchronized Optional<BackgroundFailure> stopClass() {
        classes--;
        return closeIfUnused();
    }

    private Optional<BackgroundFailure> closeIfUnused() {
        Middlebox running = middlebox;
        if (running == null) {
            return Optional.empty();
        }
        if (tests == 0 && classes == 0) {
            middlebox = null;
            try (running) {
                running.reset(flow -> true);
            }
        }
        return running.failure();
    }

    synchronized Optional<BackgroundFailure> failure() {
        return middlebox == null ? Optional.empty() : middlebox.failure();
    }

    synchronized boolean isRunning() {
        return middlebox != null;
    }

    /** @throws IllegalStateException outside a test */
    synchronized Middlebox running() {
        if (middlebox == null) {
            throw new IllegalStateException(
                    "the middlebox runs only during tests; is the field annotated with @RegisterExtension?");
        }
        return middlebox;
    }

    EventRecord events() {
        return events;
    }

    synchronized String report() {
        return FlowReport.of(running(), List.copyOf(events.view()), events.dropped(), begin);
    }
}
