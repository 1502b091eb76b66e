package blackhole.junit;

import blackhole.middlebox.config.Durations;
import blackhole.middlebox.flow.FlowEvent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Waits for events of a test; what does not come fails the test, with a report. Thread-safe. */
final class EventWait {
    private final TestMiddlebox proxy;

    EventWait(TestMiddlebox proxy) {
        this.proxy = proxy;
    }

    /** The first such event of the test. */
    <E extends FlowEvent> E first(String what, Class<E> type, Predicate<? super E> wanted, Duration timeout) {
        return await(what, seen -> events(seen, type).filter(wanted).findFirst(), timeout);
    }

    /** The first {@code number} such events of the test. */
    <E extends FlowEvent> List<E> first(int number, String what, Class<E> type, Duration timeout) {
        if (number < 1) {
            throw new IllegalArgumentException("nothing to wait for: " + number);
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
        proxy.running();
        try {
            return proxy.events()
                    .await(found, timeout)
                    .orElseThrow(() -> new AssertionError("no " + what.replaceFirst("^a ", "") + " within "
                            + Durations.format(timeout) + "\n" + proxy.report()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + what, e);
        }
    }
}
