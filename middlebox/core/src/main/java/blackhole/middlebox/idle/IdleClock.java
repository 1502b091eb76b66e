package blackhole.middlebox.idle;

import blackhole.middlebox.config.Durations;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.flow.ExpiryCause;
import io.netty.util.concurrent.EventExecutor;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Expires the idle flows of one event loop. Every tick it has each flow look at its sockets, and expires those whose
 * last activity is an idle timeout ago (or that are as old as a flow may become): never early, late by at most one tick,
 * plus one tick for a flow kept by keepalive probes alone, plus the time that it takes to expire the flows before it.
 *
 * <p>Not thread-safe: everything happens on that event loop.
 */
public final class IdleClock<F extends IdleClock.IdleFlow> {
    /** What the clock needs of a flow. Called on the event loop only. */
    public interface IdleFlow {
        /**
         * Reads the flow's sockets.
         *
         * @param exactDating whether activity may be dated at the moment when its bytes were read, as no keepalive probe
         *     can have come after them; otherwise it is dated at {@code now}
         * @return when the last activity was, in nanoseconds of the clock's ticker
         */
        long sampleActivity(long now, boolean exactDating);

        /** When the flow was accepted, or healed after that, in nanoseconds of the clock's ticker. */
        long trackedSince();

        /** Expires the flow, unless the middlebox's faults are not for its client. */
        void expire(long now, ExpiryCause cause);
    }

    private static final Logger LOG = System.getLogger(IdleClock.class.getName());

    private static final long SHORTEST_TICK = TimeUnit.MILLISECONDS.toNanos(10);

    /** The kernel's shortest TCP_KEEPIDLE (tcp(7)): no keepalive probe follows data sooner than that. */
    private static final long SHORTEST_KEEPALIVE_IDLE = TimeUnit.SECONDS.toNanos(1);

    /** Leaves room for a late wake-up before {@link #SHORTEST_KEEPALIVE_IDLE}. */
    private static final long LONGEST_EXACT_TICK = TimeUnit.MILLISECONDS.toNanos(900);

    private static final long TICKS_PER_TIMEOUT = 100;

    /** Share of a core that sampling may take while the tick is short for the timeout. */
    private static final double CHEAP_SHARE = 0.011;

    /** Share of a core that sampling may take at all. */
    private static final double LARGEST_SHARE = 0.08;

    private final EventExecutor eventLoop;
    private final Set<F> flows;
    private final Supplier<MiddleboxConfig> middlebox;
    private final LongSupplier ticker;
    private final LongSupplier cpuTime;
    private final int clocks;
    private final Consumer<Throwable> failed;
    private long tick = SHORTEST_TICK;
    private long loggedTick;
    private long lastTickAt;
    private boolean exactDating;
    private long expiryCost;

    /**
     * @param flows the flows that can expire; the owner adds and removes them, on the event loop
     * @param ticker nanoseconds, as {@link System#nanoTime()}
     * @param cpuTime nanoseconds that the calling thread has had of a processor; on a busy machine fewer than have passed
     * @param clocks how many there are, one an event loop, to share what sampling may cost
     * @param failed takes what a tick threw; the clock goes on ticking
     */
    public IdleClock(
            EventExecutor eventLoop,
            Set<F> flows,
            Supplier<MiddleboxConfig> middlebox,
            LongSupplier ticker,
            LongSupplier cpuTime,
            int clocks,
            Consumer<Throwable> failed) {
        this.eventLoop = eventLoop;
        this.flows = flows;
        this.middlebox = middlebox;
        this.ticker = ticker;
        this.cpuTime = cpuTime;
        this.clocks = clocks;
        this.failed = failed;
    }

    /** Ticks from now on, until the event loop shuts down. */
    public void start() {
        lastTickAt = ticker.getAsLong();
        scheduleTick();
    }

    private void scheduleTick() {
        long late = ticker.getAsLong() - lastTickAt;
        eventLoop.schedule(this::tick, Math.max(0, tick - late), TimeUnit.NANOSECONDS);
    }

    private void tick() {
        try {
            sweep();
        } catch (RuntimeException | Error e) {
            failed.accept(e);
            scheduleTick();
        }
    }

    private void sweep() {
        long now = ticker.getAsLong();
        exactDating = now - lastTickAt < SHORTEST_KEEPALIVE_IDLE;
        lastTickAt = now;
        expiryCost = 0;
        MiddleboxConfig box = middlebox.get();
        long timeout = box.idleTimeout().toNanos();
        long lifetime =
                box.maxLifetime() == null ? Long.MAX_VALUE : box.maxLifetime().toNanos();
        new Sweep<>(
                        eventLoop,
                        ticker,
                        cpuTime,
                        flows,
                        flow -> visit(flow, timeout, lifetime),
                        cost -> endSweep(timeout, cost),
                        failed)
                .run();
    }

    private void visit(F flow, long timeout, long lifetime) {
        if (!flows.contains(flow)) {
            return;
        }
        long now = ticker.getAsLong();
        if (now - flow.sampleActivity(now, exactDating) >= timeout) {
            expire(flow, now, ExpiryCause.IDLE);
        } else if (now - flow.trackedSince() >= lifetime) {
            expire(flow, now, ExpiryCause.LIFETIME);
        }
    }

    /** What it costs does not count: thousands that expire in one tick would put off the next. */
    private void expire(F flow, long now, ExpiryCause cause) {
        long begin = cpuTime.getAsLong();
        flow.expire(now, cause);
        expiryCost += cpuTime.getAsLong() - begin;
    }

    private void endSweep(long timeout, long cost) {
        tick = tickFor(timeout, (cost - expiryCost) * clocks);
        scheduleTick();
        if (tick > loggedTick + loggedTick / 4 || loggedTick > tick + tick / 4) {
            loggedTick = tick;
            LOG.log(
                    Level.DEBUG,
                    "idle clock ticks every " + Durations.seconds(Duration.ofNanos(tick)) + ", " + flows.size()
                            + " flows tracked");
        }
    }

    /** The tick that a clock with few flows has. */
    public static Duration tickFor(Duration idleTimeout) {
        return Duration.ofNanos(tickFor(idleTimeout.toNanos(), 0));
    }

    /**
     * The time from one tick to the next, in nanoseconds: a hundredth of the idle timeout, but at most 0.9 s, unless
     * sampling would cost too much of a core. A long timeout's tick then grows to a fiftieth of it for the small share, any
     * tick without limit for the large one.
     *
     * @param sweepCost nanoseconds that the last sweep took
     */
    static long tickFor(long idleTimeout, long sweepCost) {
        long hundredth = Math.max(SHORTEST_TICK, idleTimeout / TICKS_PER_TIMEOUT);
        long finest = Math.min(hundredth, LONGEST_EXACT_TICK);
        long coarsest = finest == hundredth ? hundredth : 2 * hundredth;
        long cheap = Math.max(finest, Math.min(coarsest, (long) (sweepCost / CHEAP_SHARE)));
        return Math.max(cheap, (long) (sweepCost / LARGEST_SHARE));
    }
}
