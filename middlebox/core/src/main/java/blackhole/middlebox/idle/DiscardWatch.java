package blackhole.middlebox.idle;

import io.netty.util.concurrent.EventExecutor;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Watches what the blackholed flows of one event loop discard, as often as a few per cent of a core allow: every 10 ms
 * for up to about fifty flows. Rests while there is none.
 *
 * <p>Not thread-safe: everything happens on that event loop.
 */
public final class DiscardWatch<F extends DiscardWatch.BlackholedFlow> {
    /** What the watch needs of a flow. Called on the event loop only. */
    public interface BlackholedFlow {
        /** Looks at the flow's sockets, and ends the flow when its time as a tombstone is over. */
        void sampleDiscards(long now);
    }

    private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(10);
    private static final double LARGEST_SHARE = 0.02;

    private final EventExecutor eventLoop;
    private final Set<F> flows;
    private final LongSupplier ticker;
    private final LongSupplier cpuTime;
    private final Consumer<Throwable> failed;
    private boolean watching;

    /**
     * @param flows the blackholed flows; the owner adds and removes them, on the event loop
     * @param cpuTime nanoseconds that the calling thread has had of a processor
     * @param failed takes what looking at a flow threw; the watch continues
     */
    public DiscardWatch(
            EventExecutor eventLoop,
            Set<F> flows,
            LongSupplier ticker,
            LongSupplier cpuTime,
            Consumer<Throwable> failed) {
        this.eventLoop = eventLoop;
        this.flows = flows;
        this.ticker = ticker;
        this.cpuTime = cpuTime;
        this.failed = failed;
    }

    /** To be called when a flow was added. */
    public void wake() {
        if (!watching) {
            watching = true;
            schedule(SHORTEST_PAUSE);
        }
    }

    private void schedule(long pause) {
        eventLoop.schedule(this::sweep, pause, TimeUnit.NANOSECONDS);
    }

    private void sweep() {
        new Sweep<>(eventLoop, ticker, cpuTime, flows, this::visit, this::endSweep, failed).run();
    }

    private void visit(F flow) {
        if (flows.contains(flow)) {
            flow.sampleDiscards(ticker.getAsLong());
        }
    }

    private void endSweep(long cost) {
        watching = !flows.isEmpty();
        if (watching) {
            schedule(Math.max(SHORTEST_PAUSE, (long) (cost / LARGEST_SHARE)));
        }
    }
}
