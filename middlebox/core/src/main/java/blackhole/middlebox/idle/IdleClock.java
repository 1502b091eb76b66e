package blackhole.middlebox.idle;

import blackhole.middlebox.config.Durations;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.flow.ExpiryCause;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Expires the idle flows of one event loop. Every tick samples each flow's sockets, and expires flows whose last
 * activity is an idle timeout ago or that have reached the maximum lifetime: never early, late by at most one tick, plus
 * one tick for a flow kept by keepalive probes alone, plus the time that it takes to expire the flows before it.
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

        /** Expires the flow, unless the faults don't apply to its client. */
        void expire(long now, ExpiryCause cause);
    }

    private static final Logger LOG = System.getLogger(IdleClock.class.getName());

    private static final String NAME = "idle clock";
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

    private final SweepLoop loop;
    private final Set<F> flows;
    private final Supplier<MiddleboxConfig> config;
    private final int clocks;
    private long tick = SHORTEST_TICK;
    private long loggedTick;
    private long lastTickAt;
    private boolean exactDating;
    private long expiryCost;

    /**
     * @param flows the flows that can expire; the owner adds and removes them, on the event loop
     * @param clocks how many there are, one an event loop, to share what sampling may cost
     */
    public IdleClock(SweepLoop loop, Set<F> flows, Supplier<MiddleboxConfig> config, int clocks) {
        this.loop = loop;
        this.flows = flows;
        this.config = config;
        this.clocks = clocks;
    }

    /** Ticks from now on, until the event loop shuts down. */
    public void start() {
        lastTickAt = loop.now();
        scheduleTick();
    }

    private void scheduleTick() {
        long late = loop.now() - lastTickAt;
        loop.schedule(NAME, this::tick, Math.max(0, tick - late));
    }

    private void tick() {
        long now = loop.now();
        exactDating = now - lastTickAt < SHORTEST_KEEPALIVE_IDLE;
        lastTickAt = now;
        expiryCost = 0;
        if (!loop.guard(NAME, this::sweep)) {
            scheduleTick();
        }
    }

    private void sweep() {
        MiddleboxConfig now = config.get();
        long timeout = now.idleTimeout().toNanos();
        Duration longest = now.maxLifetime();
        long lifetime = longest == null ? Long.MAX_VALUE : longest.toNanos();
        new Sweep<>(NAME, loop, flows, flow -> visit(flow, timeout, lifetime), cost -> endSweep(timeout, cost)).run();
    }

    private void visit(F flow, long timeout, long lifetime) {
        if (!flows.contains(flow)) {
            return;
        }
        long now = loop.now();
        if (now - flow.sampleActivity(now, exactDating) >= timeout) {
            expire(flow, now, ExpiryCause.IDLE);
        } else if (now - flow.trackedSince() >= lifetime) {
            expire(flow, now, ExpiryCause.LIFETIME);
        }
    }

    /** What it costs does not count: thousands that expire in one tick would put off the next. */
    private void expire(F flow, long now, ExpiryCause cause) {
        long begin = loop.cpuTime().getAsLong();
        flow.expire(now, cause);
        expiryCost += loop.cpuTime().getAsLong() - begin;
    }

    private void endSweep(long timeout, long cost) {
        tick = tickFor(timeout, (cost - expiryCost) * clocks);
        loop.guard(NAME, this::logTick);
        scheduleTick();
    }

    private void logTick() {
        if (tick > loggedTick + loggedTick / 4 || loggedTick > tick + tick / 4) {
            loggedTick = tick;
            String seconds = Durations.seconds(Duration.ofNanos(tick));
            LOG.log(Level.DEBUG, "idle clock ticks every " + seconds + ", " + flows.size() + " flows tracked");
        }
    }

    /** Returns the tick of a clock with few flows. */
    public static Duration tickFor(Duration idleTimeout) {
        return Duration.ofNanos(tickFor(idleTimeout.toNanos(), 0));
    }

    /**
     * Returns the time from one tick to the next, in nanoseconds: a hundredth of the idle timeout, but at most 0.9 s, unless
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
