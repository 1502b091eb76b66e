package blackhole.lab;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;

/**
 * Several Kafka brokers in this JVM, each of them broker and KRaft controller, with ids from 1 and one proxied listener
 * each: the first proxy of a {@link Lab} is before node 1, the second before node 2, and so on. Otherwise as
 * {@link EmbeddedKafka}. Three of them start in about five seconds on two cores.
 *
 * <pre>{@code
 * Lab.builder().proxies(3).broker(EmbeddedCluster::reserve).start()
 * }</pre>
 */
public final class EmbeddedCluster implements KafkaBroker {

    private final List<EmbeddedKafka> nodes;

    private EmbeddedCluster(List<EmbeddedKafka> nodes) {
        this.nodes = nodes;
    }

    /**
     * Reserves the ports of a cluster.
     *
     * @param nodes how many; at least 1, and odd, or one that fails stops the cluster
     * @return a cluster that waits for {@link #start}
     */
    public static EmbeddedCluster reserve(int nodes) {
        return reserve(nodes, EmbeddedKafka::builder);
    }

    /** As {@link #reserve(int)}, with the security of a cloud's listeners. */
    public static EmbeddedCluster reserve(int nodes, SaslSsl security) {
        return reserve(nodes, () -> EmbeddedKafka.builder().saslSsl(security));
    }

    /** As {@link #reserve(int)}, with a builder for each node. */
    static EmbeddedCluster reserve(int nodes, Supplier<EmbeddedKafka.Builder> builder) {
        String id = Uuid.randomUuid().toString();
        List<EmbeddedKafka> reserved = IntStream.rangeClosed(1, nodes)
                .mapToObj(node -> builder.get().node(node, id).reserve())
                .toList();
        List<String> voters = reserved.stream().map(EmbeddedKafka::voter).toList();
        reserved.forEach(node -> node.voters(voters));
        return new EmbeddedCluster(reserved);
    }

    @Override
    public List<InetSocketAddress> upstreams() {
        return nodes.stream().map(EmbeddedKafka::upstream).toList();
    }

    /** {@inheritDoc} The nodes start at the same time, because none is up before most of them are. */
    @Override
    public void start(List<InetSocketAddress> advertised) {
        onEach(node -> node.start(advertised.get(nodes.indexOf(node))));
    }

    /** {@inheritDoc} Those of all nodes, with commas. */
    @Override
    public String directBootstrap() {
        return nodes.stream().map(EmbeddedKafka::directBootstrap).collect(Collectors.joining(","));
    }

    /** Stops a node, which keeps its ports and its data. */
    public void stopNode(int id) {
        nodes.get(id - 1).pause();
    }

    /** Starts a node again. */
    public void startNode(int id) {
        nodes.get(id - 1).resume();
    }

    @Override
    public void close() {
        onEach(EmbeddedKafka::close);
    }

    private void onEach(Consumer<EmbeddedKafka> action) {
        ExecutorService threads = Executors.newFixedThreadPool(nodes.size());
        try {
            CompletableFuture.allOf(nodes.stream()
                            .map(node -> CompletableFuture.runAsync(() -> action.accept(node), threads))
                            .toArray(CompletableFuture[]::new))
                    .join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        } finally {
            threads.shutdown();
        }
    }
}
