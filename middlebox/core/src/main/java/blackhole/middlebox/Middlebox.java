package blackhole.middlebox;

import blackhole.middlebox.config.Durations;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.Route;
import blackhole.middlebox.config.UsageException;
import blackhole.middlebox.flow.BackgroundFailure;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowListener;
import blackhole.middlebox.idle.IdleClock;
import blackhole.middlebox.kernel.Kernel;
import blackhole.middlebox.relay.ProxyServer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * A middlebox in this process: relays TCP connections, and expires the idle ones as a NAT does. Thread-safe.
 *
 * <pre>{@code
 * try (Middlebox proxy = Middlebox.builder()
 *         .route("0=127.0.0.1:9092")
 *         .idleTimeout(Duration.ofSeconds(3))
 *         .start()) {
 *     connectTo(proxy.address());
 * }
 * }</pre>
 */
public final class Middlebox implements AutoCloseable {
    private final List<Route> routes;
    private final List<FlowListener> listeners;
    private final AtomicReference<MiddleboxConfig> middlebox;
    private final List<InetSocketAddress> addresses = new ArrayList<>();
    private final ProxyServer relay;
    private volatile boolean closed;

    private Middlebox(Builder builder) {
        routes = List.copyOf(builder.routes);
        listeners = builder.listeners;
        middlebox = new AtomicReference<>(builder.middlebox);
        relay = new ProxyServer(middlebox::get, listeners, builder.eventLoops);
        try {
            routes.forEach(route -> addresses.add(relay.listen(route, builder.connectTimeout)));
        } catch (RuntimeException e) {
            relay.close();
            throw e;
        }
    }

    /** A proxy to be: no route, and {@link MiddleboxConfig#DEFAULT}. */
    public static Builder builder() {
        return new Builder();
    }

    /** Where the first route listens. */
    public InetSocketAddress address() {
        return addresses.get(0);
    }

    /** Where each route listens, in the order in which they were given. */
    public List<InetSocketAddress> addresses() {
        return List.copyOf(addresses);
    }

    /** The routes, in the order in which they were given. */
    public List<Route> routes() {
        return routes;
    }

    /** What the flows meet. */
    public MiddleboxConfig middlebox() {
        return middlebox.get();
    }

    /**
     * Changes what the flows meet: {@code proxy.reconfigure(box -> box.with(b -> b.idleTimeout(...)))}. The next tick of
     * the idle clock uses what changed; flows that expire already stay as they are.
     *
     * @return the settings from now on
     * @throws UsageException when a value is out of range, or this system can't do it; then nothing has changed
     */
    public MiddleboxConfig reconfigure(UnaryOperator<MiddleboxConfig> change) {
        MiddleboxConfig changed = middlebox.updateAndGet(box -> requirePossible(change.apply(box)));
        relay.middleboxChanged();
        return changed;
    }

    /**
     * Expires known flows now, as if they had been idle for the idle timeout. Waits for the event loops.
     *
     * @return the ids of the flows that expired
     * @throws IllegalStateException when called by a {@link FlowListener}
     */
    public List<Long> expire(Predicate<Flow> wanted) {
        return relay.expire(wanted);
    }

    /**
     * Makes expired flows known again: what their peers retransmit arrives, nothing is lost. A flow that has lost a
     * peer can't be healed, nor one whose route has no upstream. Waits for the event loops.
     *
     * @return the ids of the flows that were healed
     * @throws IllegalStateException when called by a {@link FlowListener}
     */
    public List<Long> heal(Predicate<Flow> wanted) {
        return relay.heal(wanted);
    }

    /**
     * Ends flows with a RST to both sides. Waits for the event loops.
     *
     * @return the ids of the flows that were ended
     * @throws IllegalStateException when called by a {@link FlowListener}
     */
    public List<Long> reset(Predicate<Flow> wanted) {
        return relay.reset(wanted);
    }

    /**
     * Lets everything have an outage: known flows fall silent whatever {@link MiddleboxConfig#onExpiry()} says, and new connections
     * get no answer to their SYN. With {@link MiddleboxConfig#onlyClients()} only for those, and then their new connections are
     * accepted and met with silence. Off again, what the outage silenced is healed. Waits for the event loops.
     *
     * @throws IllegalStateException when called by a {@link FlowListener}
     */
    public void outage(boolean on) {
        relay.setOutage(on);
    }

    /** Whether an outage is on. */
    public boolean hasOutage() {
        return relay.hasOutage();
    }

    /** Tells {@code listener} what happens from now on. */
    public void addListener(FlowListener listener) {
        listeners.add(listener);
    }

    /** Tells {@code listener} nothing more. */
    public void removeListener(FlowListener listener) {
        listeners.remove(listener);
    }

    private static MiddleboxConfig requirePossible(MiddleboxConfig box) {
        if (box.onExpiry() != OnExpiry.STALL) {
            Kernel.whyNoBlackhole().ifPresent(why -> {
                throw new UsageException("flows can't be blackholed here: " + why
                        + ". Run the proxy on Linux, for example in its container; or see what a proxy can do without"
                        + " that: on-expiry stall");
            });
        }
        return box;
    }

    /**
     * The flow table now: connecting, live and expired flows. Waits for the event loops.
     *
     * @throws IllegalStateException when called by a {@link FlowListener}, which runs on one of them
     */
    public List<Flow> flows() {
        return relay.flows();
    }

    /**
     * Returns the first failure of a background task: the idle clock, the watch on discarded segments, or a listener. Once
     * there is one, results obtained with this middlebox can't be trusted.
     */
    public Optional<BackgroundFailure> failure() {
        return relay.failure();
    }

    /** Returns how often idle flows are checked with the current settings; the interval grows with very many flows. */
    public Duration tick() {
        return IdleClock.tickFor(middlebox().idleTimeout());
    }

    /** Returns whether {@link #close()} can end expired flows without a FIN or RST, which needs CAP_NET_ADMIN. */
    public static boolean canCloseSilently() {
        return Kernel.canCloseSilently();
    }

    /**
     * How long a task waits at the busiest event loop, which is how long a flow's bytes may wait there. Waits for the
     * event loops.
     *
     * @throws IllegalStateException when called by a {@link FlowListener}
     */
    public Duration eventLoopLag() {
        return relay.eventLoopLag();
    }

    /**
     * Stops listening, sends FIN on both legs of live flows, waits up to two seconds for their peers, and ends the
     * expired flows, silently where CAP_NET_ADMIN is there. Idempotent.
     */
    @Override
    public void close() {
        closed = true;
        relay.close();
    }

    /** Whether {@link #close()} was called. */
    public boolean isClosed() {
        return closed;
    }

    /** Collects the settings of a proxy. Not thread-safe. */
    public static final class Builder {
        private static final Duration LONGEST_CONNECT_TIMEOUT = Duration.ofHours(1);
        /** Each has descriptors and a thread of its own. */
        private static final int MOST_EVENT_LOOPS = 256;

        private final List<Route> routes = new ArrayList<>();
        private final List<FlowListener> listeners = new CopyOnWriteArrayList<>();
        private MiddleboxConfig middlebox = MiddleboxConfig.DEFAULT;
        private Duration connectTimeout = Duration.ofSeconds(10);
        private int eventLoops =
                Math.min(MOST_EVENT_LOOPS, Math.max(1, Runtime.getRuntime().availableProcessors() / 2));

        private Builder() {}

        /** Adds routes; at least one is needed. */
        public Builder route(Route... more) {
            routes.addAll(Arrays.asList(more));
            return this;
        }

        /** Adds a route written as {@link Route#parse} reads it. */
        public Builder route(String route) {
            return route(Route.parse(route));
        }

        /** Replaces all settings of the middlebox. */
        public Builder middlebox(MiddleboxConfig box) {
            middlebox = box;
            return this;
        }

        /** Sets {@link MiddleboxConfig#idleTimeout()}. */
        public Builder idleTimeout(Duration timeout) {
            middlebox = middlebox.with(box -> box.idleTimeout(timeout));
            return this;
        }

        /** Sets {@link MiddleboxConfig#onExpiry()}. */
        public Builder onExpiry(OnExpiry behaviour) {
            middlebox = middlebox.with(box -> box.onExpiry(behaviour));
            return this;
        }

        /** Sets {@link MiddleboxConfig#tombstoneTime()}. */
        public Builder tombstoneTime(Duration time) {
            middlebox = middlebox.with(box -> box.tombstoneTime(time));
            return this;
        }

        /** Sets {@link MiddleboxConfig#maxTombstones()}. */
        public Builder maxTombstones(int number) {
            middlebox = middlebox.with(box -> box.maxTombstones(number));
            return this;
        }

        /**
         * How long an upstream may take to accept, 1 ms to 1 h, 10 s by default; then the client is reset.
         *
         * @throws UsageException when it is out of range
         */
        public Builder connectTimeout(Duration timeout) {
            if (timeout.compareTo(Duration.ofMillis(1)) < 0 || timeout.compareTo(LONGEST_CONNECT_TIMEOUT) > 0) {
                throw new UsageException(
                        "connect-timeout", "must be between 1ms and 1h, not " + Durations.format(timeout));
            }
            connectTimeout = timeout;
            return this;
        }

        /**
         * Threads that relay, 1 to 256; one for every two processors by default, as a flow's two peers are on this machine,
         * too: with as many loops as processors the slowest hundredth of answers takes half as long again.
         *
         * @throws UsageException when it is out of range
         */
        public Builder eventLoops(int threads) {
            if (threads < 1 || threads > MOST_EVENT_LOOPS) {
                throw new UsageException(
                        "event-loops", "must be between 1 and " + MOST_EVENT_LOOPS + ", not " + threads);
            }
            eventLoops = threads;
            return this;
        }

        /** Adds a listener. */
        public Builder listener(FlowListener listener) {
            listeners.add(listener);
            return this;
        }

        /**
         * Starts the proxy; it accepts connections when this returns.
         *
         * @throws UsageException when a route can't be listened on, or this system can't do what was asked
         */
        public Middlebox start() {
            if (routes.isEmpty()) {
                throw new UsageException("route", "is missing: [HOST:]PORT=HOST:PORT");
            }
            requirePossible(middlebox);
            return new Middlebox(this);
        }
    }
}
