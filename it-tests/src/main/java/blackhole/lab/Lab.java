package blackhole.lab;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.flow.FlowEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * A broker behind one or more proxies, each advertised by a listener of its own, and a direct listener to check what
 * really arrived.
 *
 * <pre>{@code
 * try (Lab lab = Lab.builder().idleTimeout(Duration.ofSeconds(3)).start()) {
 *     lab.topics().create("orders", 1);
 *     produceTo(lab.bootstrap());
 *     assertThat(lab.topics().read("orders")).containsExactly("first");
 * }
 * }</pre>
 *
 * <p>Several proxies separate concurrent scenarios: each has its own flows and events.
 * Thread-safe but for {@link #close()}.
 */
public final class Lab implements AutoCloseable {

    private final KafkaBroker broker;
    private final List<WatchedProxy> proxies = new ArrayList<>();
    private final Topics topics;

    private Lab(Builder builder) {
        broker = builder.broker.apply(builder.proxies);
        try {
            broker.upstreams().forEach(upstream -> proxies.add(new WatchedProxy(upstream, builder.settings)));
            broker.start(proxies.stream().map(WatchedProxy::address).toList());
            topics = new Topics(broker.directBootstrap());
        } catch (RuntimeException e) {
            Lab failed = this;
            try (failed) {
                throw e;
            }
        }
    }

    /** Returns a builder of a lab with one proxy with default settings and an embedded broker. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects what a lab is made of. Not thread-safe. */
    public static final class Builder {

        private IntFunction<? extends KafkaBroker> broker =
                listeners -> EmbeddedKafka.builder().proxiedListeners(listeners).reserve();
        private int proxies = 1;
        private Consumer<Middlebox.Builder> settings = proxy -> {};

        private Builder() {}

        /**
         * @param reserve makes a broker that has not started, with the given number of proxied listeners; for example
         *     {@code RedpandaKafka::reserve}
         * @return this
         */
        public Builder broker(IntFunction<? extends KafkaBroker> reserve) {
            broker = reserve;
            return this;
        }

        /**
         * @param number how many proxies, all with the same settings; at least 1
         * @return this
         */
        public Builder proxies(int number) {
            if (number < 1) {
                throw new IllegalArgumentException("a lab needs at least one proxy, not " + number);
            }
            proxies = number;
            return this;
        }

        /** When the proxies expire an idle flow. */
        public Builder idleTimeout(Duration timeout) {
            return proxy(proxy -> proxy.idleTimeout(timeout));
        }

        /** What an expired flow's packets meet. */
        public Builder onExpiry(OnExpiry behaviour) {
            return proxy(proxy -> proxy.onExpiry(behaviour));
        }

        /**
         * Any other setting of the proxies.
         *
         * @param more called for each proxy, after what was given before
         * @return this
         */
        public Builder proxy(Consumer<Middlebox.Builder> more) {
            settings = settings.andThen(more);
            return this;
        }

        /**
         * Starts the proxies, then the broker that advertises them.
         *
         * @throws IllegalStateException if the broker does not start
         * @throws blackhole.middlebox.config.UsageException when this machine can't do what the proxies' settings ask
         */
        public Lab start() {
            return new Lab(this);
        }
    }

    /** The bootstrap server behind the first proxy, {@code HOST:PORT}. */
    public String bootstrap() {
        return proxies.get(0).bootstrap();
    }

    /** The bootstrap server without a proxy, {@code HOST:PORT}. */
    public String directBootstrap() {
        return topics.bootstrap();
    }

    /** All events of the first proxy so far, in order. A copy. */
    public List<FlowEvent> events() {
        return proxies.get(0).events();
    }

    /** The events of one kind of the first proxy so far, in order. */
    public <E extends FlowEvent> List<E> events(Class<E> kind) {
        return proxies.get(0).events(kind);
    }

    /** The first proxy. */
    public WatchedProxy proxy() {
        return proxies.get(0);
    }

    /** All proxies. */
    public List<WatchedProxy> proxies() {
        return Collections.unmodifiableList(proxies);
    }

    /** The broker's topics, reached without a proxy. */
    public Topics topics() {
        return topics;
    }

    /** Ends the broker, then the proxies. Clients should be closed before. */
    @Override
    public void close() {
        try {
            broker.close();
        } finally {
            proxies.forEach(WatchedProxy::close);
        }
    }
}
