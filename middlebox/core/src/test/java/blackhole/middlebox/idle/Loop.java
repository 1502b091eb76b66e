package blackhole.middlebox.idle;

import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An event loop whose time passes only when a test says so, to the millisecond. */
final class Loop implements AutoCloseable {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<Throwable> failures = new ArrayList<>();
    private long now = TimeUnit.SECONDS.toNanos(1_000);

    Loop() {
        channel.freezeTime();
    }

    EventLoop executor() {
        return channel.eventLoop();
    }

    SweepLoop sweepLoop() {
        return new SweepLoop(executor(), this::now, this::now, (task, failure) -> failures.add(failure));
    }

    /** What tasks on this loop threw. */
    List<Throwable> failures() {
        return failures;
    }

    /** A ticker for what runs on this loop. */
    long now() {
        return now;
    }

    long nowMillis() {
        return TimeUnit.NANOSECONDS.toMillis(now);
    }

    void passMillis(long millis) {
        for (long i = 0; i < millis; i++) {
            work(TimeUnit.MILLISECONDS.toNanos(1));
            channel.runPendingTasks();
        }
    }

    /** Lets the loop come round so often, while no time passes but what tasks take. */
    void turn(int times) {
        for (int i = 0; i < times; i++) {
            channel.runPendingTasks();
        }
    }

    /** Time that a task takes. */
    void work(long nanos) {
        now += nanos;
        channel.advanceTimeBy(nanos, TimeUnit.NANOSECONDS);
    }

    /** Whether nothing is scheduled. */
    boolean rests() {
        return channel.runScheduledPendingTasks() < 0;
    }

    @Override
    public void close() {
        channel.close();
    }
}
