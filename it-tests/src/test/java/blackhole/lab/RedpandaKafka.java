package blackhole.lab;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.Network;
import org.testcontainers.redpanda.RedpandaContainer;

/**
 * A Redpanda broker in a container, published on ports of 127.0.0.1 that were chosen before it starts.
 *
 * <p>A proxy on this machine is its only way in apart from the direct listener, so the proxy's upstream leg may end at
 * the container or at Docker's own port forwarder: what happens beyond that leg does not reach the client's.
 *
 * <p>Needs a Docker engine on this machine; {@link Docker#reasonItIsMissing(String)} says when there is none.
 */
public final class RedpandaKafka extends SingleBroker {

    /** The image, with the tag that {@code docker-compose.yml} has too. */
    public static final String IMAGE = "redpandadata/redpanda:v26.1.9";

    /**
     * How Redpanda starts. By itself it sends keepalive probes on client connections that were idle for 120 s
     * (redpanda-data/redpanda#11496), which a middlebox counts as activity: with an idle timeout above that, no flow
     * would ever expire. 7200 s is the kernel's default, and what Apache Kafka has. rpk knows
     * {@code --set} only as a word of its own.
     */
    private static final List<String> COMMAND = List.of(
            "redpanda",
            "start",
            "--mode=dev-container",
            "--smp=1",
            "--memory=1G",
            "--set",
            "redpanda.auto_create_topics_enabled=false",
            "--set",
            "redpanda.kafka_tcp_keepalive_timeout=7200");

    /** Ports inside the container from here on, one for each proxied listener; Redpanda itself uses others. */
    private static final int FIRST_PROXIED_PORT = 19092;

    private @Nullable Network network;
    private @Nullable RedpandaContainer container;

    private RedpandaKafka(int proxiedListeners) {
        super(proxiedListeners);
    }

    /**
     * Reserves the ports of a broker. Needs no Docker yet.
     *
     * @param proxiedListeners how many, one for each proxy before this broker; at least 1
     */
    public static RedpandaKafka reserve(int proxiedListeners) {
        return new RedpandaKafka(proxiedListeners);
    }

    @Override
    void serve(List<InetSocketAddress> advertised) {
        network = Network.newNetwork();
        container = new RedpandaContainer(IMAGE).withNetwork(network);
        configure(container, upstreams(), advertised);
        // Docker binds the ports itself, and not always so that a held port could be shared with it.
        release();
        container.start();
    }

    @Override
    String reason(Throwable failure) {
        return "Redpanda did not start in Docker with the ports " + upstreams() + ": " + failure.getMessage();
    }

    @Override
    public String directBootstrap() {
        return Objects.requireNonNull(container).getBootstrapServers().replace("PLAINTEXT://", "");
    }

    @Override
    void end() {
        try {
            if (container != null) {
                container.stop();
            }
        } finally {
            if (network != null) {
                network.close();
            }
        }
    }

    /**
     * Gives a container its listeners. Redpanda binds each to the container's network alias of the listener's name, so
     * the container must be on a network of its own.
     */
    static void configure(
            RedpandaContainer container, List<InetSocketAddress> upstreams, List<InetSocketAddress> advertised) {
        container.withCommand(COMMAND.toArray(String[]::new));
        List<String> published = new ArrayList<>();
        for (int i = 0; i < advertised.size(); i++) {
            int inside = FIRST_PROXIED_PORT + i;
            String address = HostPort.of(advertised.get(i));
            container.withListener("proxied" + i + ":" + inside, () -> address);
            published.add(HostPort.of(upstreams.get(i)) + ":" + inside);
        }
        container.setPortBindings(published);
    }
}
