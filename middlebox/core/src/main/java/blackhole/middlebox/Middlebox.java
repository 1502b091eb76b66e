package blackhole.middlebox;

import blackhole.middlebox.codec.RouteCodec;
import blackhole.middlebox.config.Durations;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.Route;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.config.UsageException;
import blackhole.middlebox.flow.BackgroundFailure;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowListener;
import blackhole.middlebox.idle.IdleClock;
import blackhole.middlebox.kernel.Kernel;
import blackhole.middlebox.kernel.TemporaryDirectory;
import blackhole.middlebox.relay.ProxyServer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

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
    private final List<AddedRoute> added;
    private final List<Route> routes;
    private final List<FlowListener> listeners;
    private final AtomicReference<MiddleboxConfig> middlebox;
    private final List<InetSocketAddress> addresses = new CopyOnWriteArrayList<>();
    private final Duration connectTimeout;
    private final ProxyServer server;
    private volatile boolean closed;

    private Middlebox(Builder builder) {
        added = List.copyOf(builder.routes);
        routes = added.stream().map(AddedRoute::route).toList();
        listeners = builder.listeners;
        middlebox = new AtomicReference<>(builder.config);
        connectTimeout = builder.connectTimeout;
        server = new ProxyServer(middlebox::get, listeners, builder.eventLoops);
    }

    /**
     * Listens on all routes, once, after {@link Builder#prepare()}; accepts connections when it returns. Closes this
     * middlebox if that fails.
     *
     * @throws UsageException if a route's address can't be bound
     */
    public void listen() {
        if (!addresses.isEmpty()) {
            throw new IllegalStateException("already listening");
        }
        try {
            added.forEach(each -> addresses.add(server.listen(each.route(), each.codec(), connectTimeout)));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Returns a builder with no routes and {@link MiddleboxConfig#DEFAULT}. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns the address that the first route listens on. */
    public InetSocketAddress address() {
        return addresses.get(0);
    }

    /** Returns the address that each route listens on, in the order of {@link #routes()}; empty before {@link #listen()}. */
    public List<InetSocketAddress> addresses() {
        return List.copyOf(addresses);
    }

    /** Returns the routes in the order in which they were added. */
    public List<Route> routes() {
        return routes;
    }

    /** Returns the current settings. */
    public MiddleboxConfig config() {
        return Objects.requireNonNull(middlebox.get(), "set by the constructor, never to null");
    }

    /**
     * Changes the settings: {@code proxy.reconfigure(config -> config.with(Setting.IDLE_TIMEOUT, ...))}. Takes effect at the next
     * tick of the idle clock; flows that have expired stay as they are.
     *
     * @return the new settings
     * @throws UsageException if a value is out of range or this system can't do it; then nothing has changed
     */
    public MiddleboxConfig reconfigure(UnaryOperator<MiddleboxConfig> change) {
        MiddleboxConfig changed = middlebox.updateAndGet(box -> requirePossible(change.apply(box)));
        server.configChanged();
        return changed;
    }

    /**
     * Expires tracked flows now, as if they had been idle for the idle timeout. Waits for the event loops.
     *
     * @return the ids of the flows that expired
     * @throws IllegalStateException if called by a {@link FlowListener}
     */
    public List<Long> expire(Predicate<Flow> wanted) {
        return server.expire(wanted);
    }

    /**
     * Restores expired flows: what their peers retransmit arrives, nothing is lost. A flow that has lost a peer can't be
     * healed, nor can one whose route has no upstream. Waits for the event loops.
     *
     * @return the ids of the flows that were healed
     * @throws IllegalStateException if called by a {@link FlowListener}
     */
    public List<Long> heal(Predicate<Flow> wanted) {
        return server.heal(wanted);
    }

    /**
     * Ends flows with a RST to both sides. Waits for the event loops.
     *
     * @return the ids of the flows that were ended
     * @throws IllegalStateException if called by a {@link FlowListener}
     */
    public List<Long> reset(Predicate<Flow> wanted) {
        return server.reset(wanted);
    }

    /**
     * Begins or ends an outage: all flows are blackholed whatever {@link MiddleboxConfig#onExpiry()} says, and new
     * connections get no answer to their SYN. With {@link MiddleboxConfig#onlyClients()} this applies to those clients
     * only, and their new connections are accepted and blackholed. The end of the outage heals what it blackholed. Waits
     * for the event loops.
     *
     * @throws IllegalStateException if called by a {@link FlowListener}
     */
    public void outage(boolean on) {
        server.setOutage(on);
    }

    /** Returns whether an outage is on. */
    public boolean hasOutage() {
        return server.hasOutage();
    }

    /** Adds a listener for the events from now on. */
    public void addListener(FlowListener listener) {
        listeners.add(listener);
    }

    /** Removes a listener. */
    public void removeListener(FlowListener listener) {
        listeners.remove(listener);
    }

    private static MiddleboxConfig requirePossible(MiddleboxConfig box) {
        if (box.onExpiry() != OnExpiry.STALL) {
            whyUnsupported().ifPresent(why -> {
                String advice = TemporaryDirectory.problem().isPresent()
                        ? ""
                        : ". Run the proxy on Linux, for example in its container; or see what a proxy can do without"
                                + " that: on-expiry stall";
                throw new UsageException("flows can't be blackholed here: " + why + advice);
            });
        }
        return box;
    }

    /**
     * Returns the flow table: connecting, live and expired flows. Waits for the event loops.
     *
     * @throws IllegalStateException if called by a {@link FlowListener}, which runs on one of them
     */
    public List<Flow> flows() {
        return server.flows();
    }

    /**
     * Returns the first failure of a background task: the idle clock, the watch on discarded segments, or a listener. Once
     * there is one, results obtained with this middlebox can't be trusted.
     */
    public Optional<BackgroundFailure> failure() {
        return server.failure();
    }

    /** Returns how often idle flows are checked with the current settings; the interval grows with very many flows. */
    public Duration tick() {
        return IdleClock.tickFor(config().idleTimeout());
    }

    /** Returns why this system can't blackhole sockets, as a clause; empty if it can. */
    public static Optional<String> whyUnsupported() {
        return Kernel.whyNoBlackhole();
    }

    /** Returns whether {@link #close()} can end expired flows without a FIN or RST, which needs CAP_NET_ADMIN. */
    public static boolean canCloseSilently() {
        return Kernel.canCloseSilently();
    }

    /**
     * Returns how long a task waits for the busiest event loop, which is how long a flow's bytes may wait there. Waits for
     * the event loops.
     *
     * @throws IllegalStateException if called by a {@link FlowListener}
     */
    public Duration eventLoopLag() {
        return server.eventLoopLag();
    }

    /**
     * Stops listening, sends FIN on both legs of live flows, waits up to two seconds for their peers, and ends the
     * expired flows, with CAP_NET_ADMIN without a FIN. Idempotent.
     */
    @Override
    public void close() {
        closed = true;
        server.close();
    }

    /** Returns whether {@link #close()} was called. */
    public boolean isClosed() {
        return closed;
    }

    private record AddedRoute(Route route, @Nullable RouteCodec codec) {}

    /** Builds and starts a middlebox. Not thread-safe. */
    public static final class Builder {
        private static final Duration MAX_CONNECT_TIMEOUT = Duration.ofHours(1);
        /** Each event loop has its own thread and descriptors. */
        private static final int MAX_EVENT_LOOPS = 256;

        private final List<AddedRoute> routes = new ArrayList<>();
        private final List<FlowListener> listeners = new CopyOnWriteArrayList<>();
        private MiddleboxConfig config = MiddleboxConfig.DEFAULT;
        private Duration connectTimeout = Duration.ofSeconds(10);
        private int eventLoops =
                Math.min(MAX_EVENT_LOOPS, Math.max(1, Runtime.getRuntime().availableProcessors() / 2));

        private Builder() {}

        /** Adds routes; at least one is needed. */
        public Builder route(Route... more) {
            for (Route route : more) {
                routes.add(new AddedRoute(route, null));
            }
            return this;
        }

        /** Adds a route that does more than relay bytes. The codec must not be used for another one. */
        public Builder route(Route route, RouteCodec codec) {
            routes.add(new AddedRoute(route, codec));
            return this;
        }

        /** Adds a route in the form that {@link Route#parse} reads. */
        public Builder route(String route) {
            return route(Route.parse(route));
        }

        /** Replaces all settings. */
        public Builder config(MiddleboxConfig settings) {
            config = settings;
            return this;
        }

        /**
         * Changes one setting.
         *
         * @throws UsageException if the value is out of range or contradicts another setting
         */
        public <T extends @Nullable Object> Builder with(Setting<T> setting, T value) {
            return config(config.with(setting, value));
        }

        /** Sets {@link Setting#IDLE_TIMEOUT}. */
        public Builder idleTimeout(Duration timeout) {
            return with(Setting.IDLE_TIMEOUT, timeout);
        }

        /** Sets {@link Setting#ON_EXPIRY}. */
        public Builder onExpiry(OnExpiry behaviour) {
            return with(Setting.ON_EXPIRY, behaviour);
        }

        /**
         * Sets how long an upstream may take to accept before the client is reset: 1 ms to 1 h, 10 s by default.
         *
         * @throws UsageException if it is out of range
         */
        public Builder connectTimeout(Duration timeout) {
            if (timeout.compareTo(Duration.ofMillis(1)) < 0 || timeout.compareTo(MAX_CONNECT_TIMEOUT) > 0) {
                throw new UsageException(
                        "connect-timeout", "must be between 1ms and 1h, not " + Durations.format(timeout));
            }
            connectTimeout = timeout;
            return this;
        }

        /**
         * Sets the number of threads that relay, 1 to 256. The default is one for every two processors, because both peers
         * of a flow often run on the same machine: with one for every processor, the 99th percentile of round trips is half
         * as long again.
         *
         * @throws UsageException if it is out of range
         */
        public Builder eventLoops(int threads) {
            if (threads < 1 || threads > MAX_EVENT_LOOPS) {
                throw new UsageException(
                        "event-loops", "must be between 1 and " + MAX_EVENT_LOOPS + ", not " + threads);
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
         * Starts the middlebox; it accepts connections when this returns.
         *
         * @throws UsageException if a route's address can't be bound, or this system lacks a feature that the settings need
         */
        public Middlebox start() {
            Middlebox middlebox = prepare();
            middlebox.listen();
            return middlebox;
        }

        /**
         * Starts the event loops without listening, for programs that need something in place before the first client
         * connects; call {@link Middlebox#listen()} then.
         *
         * @throws UsageException if there is no route, or this system lacks a feature that the settings need
         */
        public Middlebox prepare() {
            if (routes.isEmpty()) {
                throw new UsageException("route", "missing; use [HOST:]PORT=HOST:PORT");
            }
            requirePossible(config);
            return new Middlebox(this);
        }
    }
}
