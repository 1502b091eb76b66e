package blackhole.lab;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
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
        if (nodes < 1) {
            throw new IllegalArgumentException("a cluster needs at least one node, not " + nodes);
        }
        String id = Uuid.randomUuid().toString();
        List<EmbeddedKafka> reserved = IntStream.rangeClosed(1, nodes)
                .mapToObj(node -> EmbeddedKafka.builder().node(node, id).reserve())
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
        if (advertised.size() != nodes.size()) {
            throw new IllegalArgumentException(
                    nodes.size() + " nodes need as many advertised addresses, not " + advertised.size());
        }
        try {
            onEach(node -> node.start(advertised.get(nodes.indexOf(node))));
        } catch (RuntimeException e) {
            try {
                close();
            } catch (RuntimeException alsoFailed) {
                e.addSuppressed(alsoFailed);
            }
            throw e;
        }
    }

    /** {@inheritDoc} Those of all nodes, with commas. */
    @Override
    public String directBootstrap() {
        return nodes.stream().map(EmbeddedKafka::directBootstrap).collect(Collectors.joining(","));
    }

    @Override
    public void close() {
        onEach(EmbeddedKafka::close);
    }

    private void onEach(Consumer<EmbeddedKafka> action) {
        ExecutorService threads = Executors.newFixedThreadPool(nodes.size());
        try {
            List<Future<?>> running = nodes.stream()
                    .<Future<?>>map(node -> threads.submit(() -> action.accept(node)))
                    .toList();
            for (Future<?> done : running) {
                done.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            threads.shutdown();
        }
    }
}
