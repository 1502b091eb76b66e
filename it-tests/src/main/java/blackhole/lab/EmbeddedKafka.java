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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
public final class EmbeddedKafka implements KafkaBroker {

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

    private enum State {
        RESERVED,
        STARTED,
        CLOSED
    }

    private final Map<String, String> settings;
    private final @Nullable SaslSsl security;
    private final int nodeId;
    private final String clusterId;
    private final ReservedPort controller;
    private final ReservedPort direct;
    private final List<ReservedPort> proxied;
    private final List<InetSocketAddress> upstreams;

    private State state = State.RESERVED;
    private String voters;
    private @Nullable KafkaRaftServer server;
    private @Nullable Path directory;

    private EmbeddedKafka(Builder builder) {
        settings = Map.copyOf(builder.settings);
        security = builder.security;
        nodeId = builder.nodeId;
        clusterId = builder.clusterId;
        controller = ReservedPort.take();
        direct = ReservedPort.take();
        proxied = Stream.generate(ReservedPort::take)
                .limit(builder.proxiedListeners)
                .toList();
        upstreams = proxied.stream().map(ReservedPort::address).toList();
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
            if (count < 1) {
                throw new IllegalArgumentException("a broker needs at least one proxied listener, not " + count);
            }
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
    public List<InetSocketAddress> upstreams() {
        return upstreams;
    }

    @Override
    public void start(List<InetSocketAddress> advertised) {
        if (state != State.RESERVED) {
            throw new IllegalStateException("a broker starts once; this one is " + state);
        }
        if (advertised.size() != proxied.size()) {
            throw new IllegalArgumentException(
                    proxied.size() + " proxied listeners need as many advertised addresses, not " + advertised.size());
        }
        state = State.STARTED;
        try {
            directory = Files.createTempDirectory(DIRECTORY_PREFIX);
            format(directory);
            KafkaConfig config = new KafkaConfig(config(directory, advertised));
            server = new KafkaRaftServer(config, Time.SYSTEM);
            server.startup();
        } catch (Throwable t) {
            BrokerStartException failure = new BrokerStartException(reason(t), t);
            try {
                close();
            } catch (RuntimeException alsoFailed) {
                failure.addSuppressed(alsoFailed);
            }
            throw failure;
        }
    }

    /** This node as {@code controller.quorum.voters} has it. */
    String voter() {
        return nodeId + "@" + HostPort.of(controller.address());
    }

    /** All nodes of the cluster that this one is part of. */
    void voters(List<String> ofCluster) {
        voters = String.join(",", ofCluster);
    }

    @Override
    public String directBootstrap() {
        if (state != State.STARTED) {
            throw new IllegalStateException("the broker does not run; it is " + state);
        }
        return HostPort.of(direct.address());
    }

    @Override
    public void close() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        try {
            if (server != null) {
                server.shutdown();
                server.awaitShutdown();
            }
        } finally {
            ports().forEach(ReservedPort::close);
            if (directory != null) {
                try {
                    Utils.delete(directory.toFile());
                } catch (IOException e) {
                    throw new UncheckedIOException("the broker's directory " + directory + " could not be deleted", e);
                }
            }
        }
    }

    private List<ReservedPort> ports() {
        List<ReservedPort> ports = new ArrayList<>(proxied);
        ports.add(direct);
        ports.add(controller);
        return ports;
    }

    private void format(Path directory) throws Exception {
        try (PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setPrintStream(nowhere)
                    .setClusterId(clusterId)
                    .setNodeId(nodeId)
                    .addDirectory(directory.toString())
                    .setMetadataLogDirectory(directory.toString())
                    .setControllerListenerName(CONTROLLER)
                    .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
                    .run();
        }
    }

    private Map<String, String> config(Path directory, List<InetSocketAddress> advertised) {
        List<String> listen = new ArrayList<>();
        List<String> advertise = new ArrayList<>();
        List<String> protocols = new ArrayList<>();
        listen.add(CONTROLLER + "://" + HostPort.of(controller.address()));
        protocols.add(CONTROLLER + ":PLAINTEXT");
        listen.add(DIRECT + "://" + HostPort.of(direct.address()));
        advertise.add(DIRECT + "://" + HostPort.of(direct.address()));
        protocols.add(DIRECT + ":PLAINTEXT");
        for (int i = 0; i < advertised.size(); i++) {
            listen.add(PROXIED + i + "://" + HostPort.of(upstreams.get(i)));
            advertise.add(PROXIED + i + "://" + HostPort.of(advertised.get(i)));
            protocols.add(PROXIED + i + (security == null ? ":PLAINTEXT" : ":SASL_SSL"));
        }

        Map<String, String> config = new HashMap<>(SETTINGS);
        if (security != null) {
            for (int i = 0; i < advertised.size(); i++) {
                config.putAll(security.listenerSettings(PROXIED + i));
            }
        }
        config.put("node.id", Integer.toString(nodeId));
        config.put("controller.quorum.voters", voters);
        config.put("controller.listener.names", CONTROLLER);
        config.put("inter.broker.listener.name", DIRECT);
        config.put("listeners", String.join(",", listen));
        config.put("advertised.listeners", String.join(",", advertise));
        config.put("listener.security.protocol.map", String.join(",", protocols));
        config.put("log.dirs", directory.toString());
        config.putAll(settings);
        return config;
    }

    private String reason(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof BindException) {
                return "the embedded broker could not bind one of its reserved ports, "
                        + ports().stream()
                                .map(port -> HostPort.of(port.address()))
                                .toList()
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
