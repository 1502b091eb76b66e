package blackhole.middlebox.idle;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/**
 * The event loop that sweeps run on.
 *
 * @param ticker nanoseconds, as {@link System#nanoTime()}
 * @param cpuTime nanoseconds that the calling thread has had of a processor; on a busy machine fewer than have passed
 * @param failed takes a task's name and what it threw; the task continues
 */
public record SweepLoop(
        EventExecutor executor, LongSupplier ticker, LongSupplier cpuTime, BiConsumer<String, Throwable> failed) {
    long now() {
        return ticker.getAsLong();
    }

    /** Runs a task later, and reports what it throws. */
    void schedule(String name, Runnable task, long nanos) {
        executor.schedule(() -> guard(name, task), nanos, TimeUnit.NANOSECONDS);
    }

    /** Runs a task, reports what it throws, and returns whether it threw nothing. */
    boolean guard(String name, Runnable task) {
        try {
            task.run();
            return true;
        } catch (Throwable e) {
            failed.accept(name, e);
            return false;
        }
    }
}
