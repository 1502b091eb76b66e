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
 * Expires the idle flows of one event loop. Every tick samples each flow's sockets, and expires flows that have been idle
 * for the idle timeout or have reached the maximum lifetime: never early, late by at most one tick, plus
 * one tick for a flow kept alive only by keepalive probes, plus the time it takes to expire the flows before it.
 *
 * <p>Not thread-safe: everything happens on that event loop.
 */
public final class IdleClock<F extends IdleClock.IdleFlow> {
    /** What the clock needs from a flow. Called on the event loop only. */
    public interface IdleFlow {
        /**
         * Reads the flow's sockets.
         *
         * @param exactDating whether activity may be dated to when the last data or acknowledgement arrived, because no
         *     keepalive probe can have followed it; otherwise it is dated to {@code now}
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

    /** Share of a core below which sampling never lengthens the tick. */
    private static final double CHEAP_SHARE = 0.011;

    /** Upper limit on the share of a core that sampling may take. */
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
     * @param clocks number of clocks, one per event loop; they share the sampling budget
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

    /** The cost of expiry is not counted: thousands of flows expiring in one tick would delay the next. */
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
     * sampling would cost too much of a core. To stay within CHEAP_SHARE the tick of a long timeout may grow to a fiftieth
     * of it, and to stay within LARGEST_SHARE any tick may grow without limit.
     *
     * @param sweepCost CPU nanoseconds of the last sweep, without expiry, times the number of clocks
     */
    static long tickFor(long idleTimeout, long sweepCost) {
        long hundredth = Math.max(SHORTEST_TICK, idleTimeout / TICKS_PER_TIMEOUT);
        long finest = Math.min(hundredth, LONGEST_EXACT_TICK);
        long coarsest = finest == hundredth ? hundredth : 2 * hundredth;
        long cheap = Math.max(finest, Math.min(coarsest, (long) (sweepCost / CHEAP_SHARE)));
        return Math.max(cheap, (long) (sweepCost / LARGEST_SHARE));
    }
}
