package blackhole.proxy.events;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A ring buffer of the latest events, numbered from 1. Appending is wait-free, so the relay's event loops may do it. Each
 * reader keeps its own position; events may be overwritten before a slow reader gets to them.
 */
final class EventBuffer {
    private final AtomicReferenceArray<@Nullable Entry> slots;
    private final AtomicLong newest = new AtomicLong();

    /** An event and its number. */
    record Entry(long id, Object event) {}

    EventBuffer(int capacity) {
        slots = new AtomicReferenceArray<>(capacity);
    }

    void append(Object event) {
        long id = newest.incrementAndGet();
        slots.set(slot(id), new Entry(id, event));
    }

    /** Returns the number of the latest event, which may not be visible yet; 0 before the first. */
    long newest() {
        return newest.get();
    }

    /** Returns the number of the oldest event that has not been overwritten. */
    long oldest() {
        return Math.max(1, newest.get() - slots.length() + 1);
    }

    /** Returns the event with this number; null if it has been overwritten or is not visible yet. */
    @Nullable
    public Entry get(long id) {
        Entry entry = slots.get(slot(id));
        return entry != null && entry.id() == id ? entry : null;
    }

    private int slot(long id) {
        return (int) (id % slots.length());
    }
}
