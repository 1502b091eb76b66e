package blackhole.proxy.events;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The latest events, numbered from 1. Appending is wait-free, so the relay's event loops may do it; any number of
 * readers keep their own place, and one that falls behind finds the oldest events overwritten.
 */
public final class EventBuffer {
    private final AtomicReferenceArray<@Nullable Entry> slots;
    private final AtomicLong newest = new AtomicLong();

    /** An event and its number. */
    public record Entry(long id, Object event) {}

    public EventBuffer(int capacity) {
        slots = new AtomicReferenceArray<>(capacity);
    }

    public void append(Object event) {
        long id = newest.incrementAndGet();
        slots.set(slot(id), new Entry(id, event));
    }

    /** The number of the latest event, which may be about to appear; 0 before the first. */
    public long newest() {
        return newest.get();
    }

    /** The number of the oldest event that is not overwritten. */
    public long oldest() {
        return Math.max(1, newest.get() - slots.length() + 1);
    }

    /** The event with this number; null when it is overwritten, or about to appear. */
    @Nullable
    public Entry get(long id) {
        Entry entry = slots.get(slot(id));
        return entry != null && entry.id() == id ? entry : null;
    }

    private int slot(long id) {
        return (int) (id % slots.length());
    }
}
