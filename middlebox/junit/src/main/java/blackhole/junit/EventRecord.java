package blackhole.junit;

import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowListener;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** The events of one test, and waiting for them. Bounded: the oldest expire. Thread-safe. */
final class EventRecord implements FlowListener {
    private static final int CAPACITY = 10_000;

    private final List<FlowEvent> events = new CopyOnWriteArrayList<>();
    private final List<FlowEvent> view = Collections.unmodifiableList(events);
    private long expired;
    private long changes;

    @Override
    public synchronized void onEvent(FlowEvent event) {
        if (events.size() == CAPACITY) {
            events.remove(0);
            expired++;
        }
        events.add(event);
        changes++;
        notifyAll();
    }

    synchronized void clear() {
        events.clear();
        expired = 0;
    }

    /** Read-only and live: what happens later appears in it. Its iterators see it as it was when they were made. */
    List<FlowEvent> view() {
        return view;
    }

    synchronized long expired() {
        return expired;
    }

    /**
     * Waits until {@code found} finds what it looks for among the events. It may take its time and ask the proxy, as event
     * loops don't wait for it.
     *
     * @return what it found; empty at the timeout
     * @throws InterruptedException when the thread is interrupted
     */
    <T> Optional<T> await(Function<List<FlowEvent>, Optional<T>> found, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            long seen = changes();
            boolean isLate = System.nanoTime() - deadline >= 0;
            Optional<T> result = found.apply(view);
            if (result.isPresent() || isLate) {
                return result;
            }
            awaitChange(seen, deadline);
        }
    }

    private synchronized long changes() {
        return changes;
    }

    private synchronized void awaitChange(long seen, long deadline) throws InterruptedException {
        long left = deadline - System.nanoTime();
        while (changes == seen && left > 0) {
            wait(left / 1_000_000, (int) (left % 1_000_000));
            left = deadline - System.nanoTime();
        }
    }
}
