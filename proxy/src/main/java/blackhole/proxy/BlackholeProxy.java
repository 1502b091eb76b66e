package blackhole.proxy;

import blackhole.proxy.kernel.Kernel;
import blackhole.proxy.relay.Relay;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A middlebox in this process: relays TCP connections, and forgets the idle ones as a NAT does. Thread-safe.
 *
 * <pre>{@code
 * try (BlackholeProxy proxy = BlackholeProxy.builder()
 *         .route("0=127.0.0.1:9092")
 *         .idleTimeout(Duration.ofSeconds(3))
 *         .start()) {
 *     connectTo(proxy.address());
 * }
 * }</pre>
 */
public final class BlackholeProxy implements AutoCloseable {
    private final Middlebox middlebox;
    private final List<InetSocketAddress> addresses = new ArrayList<>();
    private final Relay relay;

    private BlackholeProxy(Builder builder) {
        middlebox = builder.middlebox;
        relay = new Relay(() -> middlebox, builder.listeners, builder.eventLoops);
        try {
            builder.routes.forEach(route -> addresses.add(relay.listen(route, builder.connectTimeout)));
        } catch (RuntimeException e) {
            relay.close();
            throw e;
        }
    }

    /** A proxy to be: no route, and {@link Middlebox#DEFAULT}. */
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

    /** What the flows meet. */
    public Middlebox middlebox() {
        return middlebox;
    }

    /**
     * The flow table now: connecting, live and forgotten flows. Waits for the event loops.
     *
     * @throws IllegalStateException when called by a {@link FlowListener}, which runs on one of them
     */
    public List<Flow> flows() {
        return relay.flows();
    }

    /**
     * Stops listening, sends FIN on both legs of live flows, waits up to two seconds for their peers, and ends the
     * forgotten flows, silently where CAP_NET_ADMIN is there. Idempotent.
     */
    @Override
    public void close() {
        relay.close();
    }

    /** Collects the settings of a proxy. Not thread-safe. */
    public static final class Builder {
        private static final Duration LONGEST_CONNECT_TIMEOUT = Duration.ofHours(1);

        private final List<Route> routes = new ArrayList<>();
        private final List<FlowListener> listeners = new CopyOnWriteArrayList<>();
        private Middlebox middlebox = Middlebox.DEFAULT;
        private Duration connectTimeout = Duration.ofSeconds(10);
        private int eventLoops = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

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
        public Builder middlebox(Middlebox box) {
            middlebox = box;
            return this;
        }

        /** Sets {@link Middlebox#idleTimeout()}. */
        public Builder idleTimeout(Duration timeout) {
            middlebox = middlebox.withIdleTimeout(timeout);
            return this;
        }

        /** Sets {@link Middlebox#onExpiry()}. */
        public Builder onExpiry(OnExpiry behaviour) {
            middlebox = middlebox.withOnExpiry(behaviour);
            return this;
        }

        /** Sets {@link Middlebox#tombstoneTime()}. */
        public Builder tombstoneTime(Duration time) {
            middlebox = middlebox.withTombstoneTime(time);
            return this;
        }

        /** Sets {@link Middlebox#maxTombstones()}. */
        public Builder maxTombstones(int number) {
            middlebox = middlebox.withMaxTombstones(number);
            return this;
        }

        /** How long an upstream may take to accept, 10 s by default; then the client is reset. */
        public Builder connectTimeout(Duration timeout) {
            if (timeout.compareTo(Duration.ofMillis(1)) < 0 || timeout.compareTo(LONGEST_CONNECT_TIMEOUT) > 0) {
                throw new UsageException(
                        "connect-timeout", "must be between 1ms and 1h, not " + Durations.format(timeout));
            }
            connectTimeout = timeout;
            return this;
        }

        /** Threads that relay, half the processors by default. */
        public Builder eventLoops(int threads) {
            if (threads < 1) {
                throw new UsageException("event-loops", "must be 1 or more, not " + threads);
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
        public BlackholeProxy start() {
            if (routes.isEmpty()) {
                throw new UsageException("route", "is missing: [HOST:]PORT=HOST:PORT");
            }
            if (middlebox.onExpiry() != OnExpiry.STALL) {
                Kernel.whyNoBlackhole().ifPresent(why -> {
                    throw new UsageException("flows can't be blackholed here: " + why
                            + ". Run the proxy on Linux, for example in its container, or see what a proxy can do"
                            + " without that with on-expiry 'stall'");
                });
            }
            return new BlackholeProxy(this);
        }
    }
}
