package blackhole.middlebox.idle;

import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * One pass over the flows of an event loop, in slices, so that a pass over thousands never holds up relaying for long.
 * Flows that come during the pass are left for the next; those that leave may still be visited.
 */
final class Sweep<F> {
    private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(1);

    private final String name;
    private final SweepLoop loop;
    private final Object[] flows;
    private final Consumer<F> visitor;
    private final LongConsumer finished;
    private int next;
    private long cost;

    /**
     * @param name of the task, for failures; what a visit throws is reported, and the pass continues with the next flow
     * @param finished takes the CPU time that the pass took, without the time between its slices; always called
     */
    Sweep(String name, SweepLoop loop, Collection<F> flows, Consumer<F> visitor, LongConsumer finished) {
        this.name = name;
        this.loop = loop;
        this.flows = flows.toArray();
        this.visitor = visitor;
        this.finished = finished;
    }

    void run() {
        if (!loop.guard(name, this::visitSlice)) {
            next = flows.length;
        }
        if (next < flows.length) {
            // Not execute(): Netty runs tasks, and those that they add, before it looks at sockets again; what is
            // scheduled comes after that look.
            loop.schedule(name, this::run, 0);
        } else {
            finished.accept(cost);
        }
    }

    private void visitSlice() {
        long begin = loop.now();
        long cpuBegin = loop.cpuTime().getAsLong();
        long elapsed = 0;
        while (next < flows.length && elapsed < SLICE) {
            visitNext();
            elapsed = loop.now() - begin;
        }
        cost += loop.cpuTime().getAsLong() - cpuBegin;
    }

    private void visitNext() {
        @SuppressWarnings("unchecked")
        F flow = (F) flows[next++];
        try {
            visitor.accept(flow);
        } catch (Throwable e) {
            loop.failed().accept(name, e);
        }
    }
}
