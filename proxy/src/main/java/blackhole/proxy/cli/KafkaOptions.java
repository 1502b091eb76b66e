package blackhole.proxy.cli;

import blackhole.kafka.KafkaRoute;
import blackhole.kafka.PortRange;
import blackhole.kafka.UpstreamTls;
import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Route;
import blackhole.middlebox.config.UsageException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of routes to Kafka clusters. */
final class KafkaOptions {
    @Option(
            names = "--kafka",
            paramLabel = "[HOST:]PORT=HOST:PORT",
            description =
                    "Listen for Kafka clients on the first address; the second is a bootstrap server; repeatable. The"
                            + " proxy replaces the addresses that the brokers advertise, so that clients connect to all of them"
                            + " through it.")
    private List<Route> routes = List.of();

    @Option(
            names = "--kafka-ports",
            paramLabel = "FIRST-LAST",
            description =
                    "With --kafka: assign each broker a port in this range by its ID, so that ports stay the same across restarts"
                            + " (default: any free ports).")
    private @Nullable PortRange ports;

    @Option(
            names = "--advertise",
            paramLabel = "HOST",
            description =
                    "With --kafka: the host name or address at which clients reach this machine (default: the address"
                            + " they connected to).")
    private @Nullable String advertisedHost;

    @Option(
            names = "--upstream-tls",
            description = "With --kafka: connect to the brokers with TLS, while clients connect in plaintext.")
    private boolean tls;

    @Option(
            names = "--upstream-tls-config",
            paramLabel = "FILE",
            description =
                    "With --upstream-tls: a Kafka client's properties file with ssl.truststore.*, ssl.keystore.* and"
                            + " the like (default: the JVM's trust store).")
    private @Nullable Path tlsConfig;

    List<Route> bootstrapRoutes() {
        return routes;
    }

    /** @throws UsageException if the options don't go together, or a file can't be used */
    void addTo(Middlebox.Builder proxy) {
        requireKafka("kafka-ports", ports != null);
        requireKafka("advertise", advertisedHost != null);
        requireKafka("upstream-tls", tls);
        if (tlsConfig != null && !tls) {
            throw new UsageException("upstream-tls-config", "requires --upstream-tls");
        }
        if (ports != null && routes.size() > 1) {
            throw new UsageException("kafka-ports", "works with one --kafka only, not with " + routes.size());
        }
        UpstreamTls upstreamTls = null;
        if (tls) {
            upstreamTls = tlsConfig == null ? UpstreamTls.trustingTheJvm() : UpstreamTls.read(tlsConfig);
        }
        for (Route route : routes) {
            new KafkaRoute(route, ports, advertisedHost, upstreamTls).addTo(proxy);
        }
    }

    private void requireKafka(String option, boolean given) {
        if (given && routes.isEmpty()) {
            throw new UsageException(option, "requires --kafka");
        }
    }
}
