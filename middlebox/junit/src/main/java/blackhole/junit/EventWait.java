package blackhole.junit;

import blackhole.middlebox.config.Durations;
import blackhole.middlebox.flow.FlowEvent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Waits for events of a test; a wait that times out fails the test and prints the report. Thread-safe. */
final class EventWait {
    private final TestMiddlebox box;

    EventWait(TestMiddlebox box) {
        this.box = box;
    }

    /** Returns the first such event of the test. */
    <E extends FlowEvent> E first(String what, Class<E> type, Predicate<? super E> wanted, Duration timeout) {
        return await(what, seen -> events(seen, type).filter(wanted).findFirst(), timeout);
    }

    /** Returns the first {@code number} such events of the test. */
    <E extends FlowEvent> List<E> first(int number, String what, Class<E> type, Duration timeout) {
        if (number < 1) {
            throw new IllegalArgumentException("number of events must be at least 1, not " + number);
        }
        return await(
                number + " " + what,
                seen -> {
                    List<E> some = events(seen, type).limit(number).toList();
                    return some.size() == number ? Optional.of(some) : Optional.empty();
                },
                timeout);
    }

    private static <E extends FlowEvent> Stream<E> events(List<FlowEvent> events, Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast);
    }

    private <T> T await(String what, Function<List<FlowEvent>, Optional<T>> found, Duration timeout) {
        box.running();
        try {
            return box.events()
                    .await(found, timeout)
                    .orElseThrow(() -> new AssertionError(
                            "no " + what + " within " + Durations.format(timeout) + "\n" + box.report()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting: " + what, e);
        }
    }
}
