package blackhole.junit;

import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowListener;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Records the last events of one test, and waits for them. Thread-safe. */
final class EventRecord implements FlowListener {
    private static final int CAPACITY = 10_000;

    private final List<FlowEvent> events = new CopyOnWriteArrayList<>();
    private final List<FlowEvent> view = Collections.unmodifiableList(events);
    private long dropped;
    private long changes;

    @Override
    public synchronized void onEvent(FlowEvent event) {
        if (events.size() == CAPACITY) {
            events.remove(0);
            dropped++;
        }
        events.add(event);
        changes++;
        notifyAll();
    }

    synchronized void clear() {
        events.clear();
        dropped = 0;
    }

    /** Returns a read-only live view, whose iterators are snapshots. */
    List<FlowEvent> view() {
        return view;
    }

    synchronized long dropped() {
        return dropped;
    }

    /**
     * Waits until {@code found} returns a result. It is called without a lock, so it may call the middlebox, which waits for
     * its event loops.
     *
     * @return the result; empty at the timeout
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
