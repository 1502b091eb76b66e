package blackhole.lab;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.common.utils.internals.Exit;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real Kafka broker in this JVM: broker and KRaft controller in one node, on free ports of 127.0.0.1.
 *
 * <p>It never closes idle connections, so that only the proxy decides about them, creates no topic on its own, and
 * writes to a temporary directory that {@link #close()} deletes. The first start in a JVM takes 2 to 3 s, later ones less
 * than a second. Kafka logs through slf4j under {@code org.apache.kafka}, {@code kafka} and {@code state.change.logger},
 * and a lot below WARN.
 *
 * <p>Where Kafka would end the JVM because of a fault in a broker, the fault is logged and thrown instead, from the first
 * use of this class until the JVM ends.
 */
public final class EmbeddedKafka extends SingleBroker {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedKafka.class);

    private static final String CONTROLLER = "CONTROLLER";
    private static final String DIRECT = "DIRECT";
    private static final String PROXIED = "PROXIED";

    /** With the process id, because several processes may share the temporary directory. */
    static final String DIRECTORY_PREFIX =
            "blackhole-kafka-" + ProcessHandle.current().pid() + "-";

    static {
        Exit.setExitProcedure(EmbeddedKafka::refuseToExit);
        Exit.setHaltProcedure(EmbeddedKafka::refuseToExit);
    }

    private static final Map<String, String> SETTINGS = """
            process.roles=broker,controller
            # The proxy alone decides when an idle connection ends.
            connections.max.idle.ms=-1
            auto.create.topics.enable=false
            # One node can't replicate.
            offsets.topic.replication.factor=1
            transaction.state.log.replication.factor=1
            transaction.state.log.min.isr=1
            share.coordinator.state.topic.replication.factor=1
            share.coordinator.state.topic.min.isr=1
            # Small and quick: it shares a JVM and two cores with the proxy and the clients that are measured.
            num.network.threads=1
            num.io.threads=2
            background.threads=2
            num.recovery.threads.per.data.dir=1
            offsets.topic.num.partitions=1
            transaction.state.log.num.partitions=1
            share.coordinator.state.topic.num.partitions=1
            log.cleaner.dedupe.buffer.size=2097152
            group.initial.rebalance.delay.ms=0
            # There is nowhere to hand partitions over to.
            controlled.shutdown.enable=false
            """.lines()
            .filter(line -> !line.startsWith("#"))
            .map(line -> line.split("=", 2))
            .collect(Collectors.toUnmodifiableMap(setting -> setting[0], setting -> setting[1]));

    private final Builder builder;
    private final ReservedPort controller = ReservedPort.take();
    private final ReservedPort direct = ReservedPort.take();

    private String voters;
    private @Nullable KafkaRaftServer server;
    private @Nullable Path directory;
    private Map<String, String> config = Map.of();

    private EmbeddedKafka(Builder builder) {
        super(builder.proxiedListeners);
        this.builder = builder;
        voters = voter();
    }

    /** Reserves the ports of a broker with one proxied listener. */
    public static EmbeddedKafka reserve() {
        return builder().reserve();
    }

    /** Returns a builder with one proxied listener. */
    public static Builder builder() {
        return new Builder();
    }

    /** Not thread-safe. */
    public static final class Builder {

        private final Map<String, String> settings = new HashMap<>();
        private int proxiedListeners = 1;
        private @Nullable SaslSsl security;
        private int nodeId = 1;
        private String clusterId = Uuid.randomUuid().toString();

        private Builder() {}

        /**
         * @param count how many proxied listeners, one for each proxy before this broker; at least 1
         * @return this
         */
        public Builder proxiedListeners(int count) {
            proxiedListeners = count;
            return this;
        }

        /** One of several nodes; {@link EmbeddedKafka#voters} must be called before the start. */
        Builder node(int id, String ofCluster) {
            nodeId = id;
            clusterId = ofCluster;
            return this;
        }

        /**
         * Makes the proxied listeners SASL_SSL with the PLAIN mechanism. The direct one stays without security.
         *
         * @param who the broker's certificate and the one user
         * @return this
         */
        public Builder saslSsl(SaslSsl who) {
            security = who;
            return this;
        }

        /**
         * Overrides a broker setting.
         *
         * @param name as in Kafka's {@code server.properties}
         * @param value likewise
         * @return this
         */
        public Builder setting(String name, String value) {
            settings.put(name, value);
            return this;
        }

        /**
         * Takes the ports and holds them.
         *
         * @return a broker that waits for {@link EmbeddedKafka#start}
         * @throws UncheckedIOException when the machine has no free port
         */
        public EmbeddedKafka reserve() {
            return new EmbeddedKafka(this);
        }
    }

    @Override
    void serve(List<InetSocketAddress> advertised) throws Exception {
        directory = Files.createTempDirectory(DIRECTORY_PREFIX);
        format(directory);
        config = config(directory, advertised);
        resume();
    }

    /** Stops a node that runs; it keeps its ports and its data. */
    void pause() {
        if (server != null) {
            server.shutdown();
            server.awaitShutdown();
            server = null;
        }
    }

    /** Starts a node again that was stopped. */
    void resume() {
        server = new KafkaRaftServer(new KafkaConfig(config), Time.SYSTEM);
        server.startup();
    }

    /** This node as {@code controller.quorum.voters} has it. */
    String voter() {
        return builder.nodeId + "@" + HostPort.of(controller.address());
    }

    /** All nodes of the cluster that this one is part of. */
    void voters(List<String> ofCluster) {
        voters = String.join(",", ofCluster);
    }

    @Override
    public String directBootstrap() {
        return HostPort.of(direct.address());
    }

    @Override
    void end() {
        try {
            pause();
        } finally {
            direct.close();
            controller.close();
            deleteDirectory();
        }
    }

    private void deleteDirectory() {
        try {
            if (directory != null) {
                Utils.delete(directory.toFile());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the broker's directory " + directory + " could not be deleted", e);
        }
    }

    private void format(Path directory) throws Exception {
        try (PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setPrintStream(nowhere)
                    .setClusterId(builder.clusterId)
                    .setNodeId(builder.nodeId)
                    .addDirectory(directory.toString())
                    .setMetadataLogDirectory(directory.toString())
                    .setControllerListenerName(CONTROLLER)
                    .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
                    .run();
        }
    }

    private Map<String, String> config(Path directory, List<InetSocketAddress> advertised) {
        Map<String, String> config = new HashMap<>(SETTINGS);
        listener(config, CONTROLLER, controller.address(), "PLAINTEXT");
        listener(config, DIRECT, direct.address(), "PLAINTEXT");
        append(config, "advertised.listeners", DIRECT + "://" + directBootstrap());
        for (int i = 0; i < advertised.size(); i++) {
            String name = PROXIED + i;
            listener(config, name, upstreams().get(i), builder.security == null ? "PLAINTEXT" : "SASL_SSL");
            append(config, "advertised.listeners", name + "://" + HostPort.of(advertised.get(i)));
            if (builder.security != null) {
                config.putAll(builder.security.listenerSettings(name));
            }
        }
        config.put("node.id", Integer.toString(builder.nodeId));
        config.put("controller.quorum.voters", voters);
        config.put("controller.listener.names", CONTROLLER);
        config.put("inter.broker.listener.name", DIRECT);
        config.put("log.dirs", directory.toString());
        config.putAll(builder.settings);
        return config;
    }

    private static void listener(Map<String, String> config, String name, InetSocketAddress address, String protocol) {
        append(config, "listeners", name + "://" + HostPort.of(address));
        append(config, "listener.security.protocol.map", name + ":" + protocol);
    }

    private static void append(Map<String, String> config, String list, String element) {
        config.merge(list, element, (before, last) -> before + "," + last);
    }

    @Override
    String reason(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof BindException) {
                return "the embedded broker could not bind one of its reserved ports, "
                        + upstreams() + ", " + direct.address() + " and " + controller.address()
                        + ": another process listens there, by number; start again to get others";
            }
        }
        return "the embedded broker did not start: " + failure.getMessage();
    }

    private static void refuseToExit(int status, @Nullable String message) {
        String text = "Kafka asked the JVM to exit with status " + status + (message == null ? "" : ": " + message);
        LOG.error(text);
        throw new IllegalStateException(text);
    }
}
