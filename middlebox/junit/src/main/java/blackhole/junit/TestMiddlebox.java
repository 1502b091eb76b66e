package blackhole.junit;

import blackhole.kafka.KafkaRoute;
import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Durations;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.flow.BackgroundFailure;
import blackhole.middlebox.flow.FlowEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The middlebox of one extension and the events of the current test. It runs from the start of the first class or test
 * to the end of the last. Thread-safe.
 */
final class TestMiddlebox {
    private final Supplier<String> upstream;
    private final boolean kafka;
    private final String listen;
    private final MiddleboxConfig config;
    private final EventRecord events = new EventRecord();

    private @Nullable Middlebox middlebox;
    private Instant begin = Instant.EPOCH;
    private int classes;
    private int tests;

    /** @param kafka whether the upstream is the bootstrap server of a Kafka cluster */
    TestMiddlebox(Supplier<String> upstream, boolean kafka, String listen, MiddleboxConfig config) {
        this.upstream = upstream;
        this.kafka = kafka;
        this.listen = listen;
        this.config = config;
    }

    boolean needsSupport() {
        return config.onExpiry() != OnExpiry.STALL;
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
            Middlebox.Builder builder = Middlebox.builder().config(config).listener(events);
            String route = listen + "=" + upstream.get();
            running = (kafka ? KafkaRoute.parse(route).addTo(builder) : builder.route(route)).start();
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

    /** Returns the first such event of the test; a wait that times out fails with the report. */
    <E extends FlowEvent> E awaitFirst(String what, Class<E> type, Predicate<? super E> wanted, Duration timeout) {
        return await(what, seen -> events(seen, type).filter(wanted).findFirst(), timeout);
    }

    /** Returns the first {@code number} such events of the test. */
    <E extends FlowEvent> List<E> awaitFirst(int number, String what, Class<E> type, Duration timeout) {
        if (number < 1) {
            throw new IllegalArgumentException("number of events must be at least 1, not " + number);
        }
        return await(
                number + " " + what,
                seen -> Optional.of(events(seen, type).limit(number).toList()).filter(some -> some.size() == number),
                timeout);
    }

    private static <E extends FlowEvent> Stream<E> events(List<FlowEvent> events, Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast);
    }

    private <T> T await(String what, Function<List<FlowEvent>, Optional<T>> found, Duration timeout) {
        running();
        try {
            return events.await(found, timeout)
                    .orElseThrow(() -> new AssertionError(
                            "no " + what + " within " + Durations.format(timeout) + "\n" + report()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting: " + what, e);
        }
    }

    synchronized String report() {
        return FlowReport.of(running(), List.copyOf(events.view()), events.dropped(), begin);
    }
}
