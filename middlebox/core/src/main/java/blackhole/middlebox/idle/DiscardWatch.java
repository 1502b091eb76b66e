package blackhole.middlebox.idle;

import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Watches what the blackholed flows of one event loop discard, as often as a few per cent of a core allow: every 10 ms
 * for up to about fifty flows. Stops while there are none.
 *
 * <p>Not thread-safe: everything happens on that event loop.
 */
public final class DiscardWatch<F extends DiscardWatch.BlackholedFlow> {
    /** What the watch needs of a flow. Called on the event loop only. */
    public interface BlackholedFlow {
        /** Reads the flow's sockets, and ends the flow when its tombstone time is over. */
        void sampleDiscards(long now);
    }

    private static final String NAME = "discard watch";
    private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(10);
    private static final double LARGEST_SHARE = 0.02;

    private final SweepLoop loop;
    private final Set<F> flows;
    private boolean watching;

    /** @param flows the blackholed flows; the owner adds and removes them, on the event loop */
    public DiscardWatch(SweepLoop loop, Set<F> flows) {
        this.loop = loop;
        this.flows = flows;
    }

    /** To be called when a flow was added. */
    public void wake() {
        if (!watching) {
            watching = true;
            schedule(SHORTEST_PAUSE);
        }
    }

    private void schedule(long pause) {
        loop.schedule(NAME, this::sweep, pause);
    }

    private void sweep() {
        new Sweep<>(NAME, loop, flows, this::visit, this::endSweep).run();
    }

    private void visit(F flow) {
        if (flows.contains(flow)) {
            flow.sampleDiscards(loop.now());
        }
    }

    private void endSweep(long cost) {
        watching = !flows.isEmpty();
        if (watching) {
            schedule(Math.max(SHORTEST_PAUSE, (long) (cost / LARGEST_SHARE)));
        }
    }
}
