package blackhole.middlebox.idle;

import io.netty.util.concurrent.EventExecutor;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * One pass over the flows of an event loop, in slices, so that the relaying of others is never held up for long by a
 * sweep over thousands. Flows that come during the pass are left for the next; those that leave may still be visited.
 */
final class Sweep<F> {
    private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(1);

    private final EventExecutor eventLoop;
    private final LongSupplier ticker;
    private final LongSupplier cpuTime;
    private final Object[] flows;
    private final Consumer<F> visitor;
    private final LongConsumer finished;
    private final Consumer<Throwable> failed;
    private int next;
    private long cost;

    /**
     * @param cpuTime nanoseconds that this thread has had of a processor
     * @param finished takes how many of those the pass took, without the time between its slices; always called
     * @param failed takes what a visit threw; the pass then continues with the next flow
     */
    Sweep(
            EventExecutor eventLoop,
            LongSupplier ticker,
            LongSupplier cpuTime,
            Collection<F> flows,
            Consumer<F> visitor,
            LongConsumer finished,
            Consumer<Throwable> failed) {
        this.eventLoop = eventLoop;
        this.ticker = ticker;
        this.cpuTime = cpuTime;
        this.flows = flows.toArray();
        this.visitor = visitor;
        this.finished = finished;
        this.failed = failed;
    }

    void run() {
        try {
            visitSlice();
        } catch (RuntimeException | Error e) {
            next = flows.length;
            failed.accept(e);
        }
        if (next < flows.length) {
            // Not execute(): Netty runs tasks, and those that they add, before it looks at sockets again; what is
            // scheduled comes after that look.
            eventLoop.schedule(this::run, 0, TimeUnit.NANOSECONDS);
        } else {
            finish();
        }
    }

    private void finish() {
        try {
            finished.accept(cost);
        } catch (RuntimeException | Error e) {
            failed.accept(e);
        }
    }

    private void visitSlice() {
        long begin = ticker.getAsLong();
        long cpuBegin = cpuTime.getAsLong();
        long elapsed = 0;
        while (next < flows.length && elapsed < SLICE) {
            @SuppressWarnings("unchecked")
            F flow = (F) flows[next++];
            visit(flow);
            elapsed = ticker.getAsLong() - begin;
        }
        cost += cpuTime.getAsLong() - cpuBegin;
    }

    private void visit(F flow) {
        try {
            visitor.accept(flow);
        } catch (RuntimeException | Error e) {
            failed.accept(e);
        }
    }
}
