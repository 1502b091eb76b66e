package blackhole.kafka;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Route;
import blackhole.middlebox.config.Upstream;
import blackhole.middlebox.config.UsageException;
import org.jspecify.annotations.Nullable;

/**
 * A route to a Kafka cluster. Clients bootstrap from the address it listens on. It replaces the brokers' addresses in what
 * they answer by ports of its own, one for each broker, so that clients connect to all brokers through the middlebox and
 * the brokers need no change. Immutable.
 *
 * <pre>{@code
 * Middlebox.Builder builder = Middlebox.builder();
 * KafkaRoute.parse("19092=broker.example.com:9092").addTo(builder);
 * }</pre>
 *
 * @param bootstrap where it listens, and the bootstrap server; the brokers' ports are on the same listening host
 * @param ports for the brokers: the port of a broker depends on its id, so that clients find it again after a restart. Null
 *     for any free ones
 * @param advertisedHost the name or address by which clients reach this machine; null for the address that they
 *     connected to
 * @param tls how to connect to the brokers with TLS; null for plaintext
 */
public record KafkaRoute(
        Route bootstrap,
        @Nullable PortRange ports,
        @Nullable String advertisedHost,
        @Nullable UpstreamTls tls) {
    static final String OPTION = "kafka";

    /** @throws UsageException if the bootstrap route has no upstream */
    public KafkaRoute {
        if (!(bootstrap.upstream() instanceof Upstream.Server)) {
            throw new UsageException(OPTION, bootstrap + ": needs a bootstrap server; use [HOST:]PORT=HOST:PORT");
        }
        if (advertisedHost != null && advertisedHost.isBlank()) {
            throw new UsageException("advertise", "the host is empty");
        }
    }

    /**
     * Reads {@code [HOST:]PORT=HOST:PORT}: where to listen, and a bootstrap server.
     *
     * @throws UsageException if {@code text} is something else
     */
    public static KafkaRoute parse(String text) {
        return new KafkaRoute(Route.parse(text), null, null, null);
    }

    /** Returns this route with other {@link #ports()}. */
    public KafkaRoute withPorts(@Nullable PortRange range) {
        return new KafkaRoute(bootstrap, range, advertisedHost, tls);
    }

    /** Returns this route with another {@link #advertisedHost()}. */
    public KafkaRoute withAdvertisedHost(@Nullable String host) {
        return new KafkaRoute(bootstrap, ports, host, tls);
    }

    /** Returns this route with other {@link #tls()} settings. */
    public KafkaRoute withTls(@Nullable UpstreamTls settings) {
        return new KafkaRoute(bootstrap, ports, advertisedHost, settings);
    }

    /**
     * Adds this route to a middlebox.
     *
     * @throws UsageException if the TLS settings can't be used
     */
    public Middlebox.Builder addTo(Middlebox.Builder builder) {
        return builder.route(bootstrap, new BootstrapCodec(new Cluster(this)));
    }
}
