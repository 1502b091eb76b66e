package blackhole.lab;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.client.compare.Comparison;
import blackhole.client.compare.ComparisonListener;
import blackhole.client.compare.ComparisonReport;
import blackhole.client.compare.Variant;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import blackhole.kafka.PortRange;
import blackhole.middlebox.flow.Flow;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Three brokers that advertise only their own addresses, and clients that know only the proxy's. */
@Tag("broker")
class KafkaRouteIT {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PARTITIONS = 6;

    private static EmbeddedCluster cluster;

    @BeforeAll
    static void start() {
        cluster = EmbeddedCluster.reserve(3, () -> EmbeddedKafka.builder()
                .setting("metric.reporters", ConnectionCount.class.getName())
                .setting("offsets.topic.replication.factor", "3")
                .setting("transaction.state.log.replication.factor", "3")
                .setting("share.coordinator.state.topic.replication.factor", "3")
                .setting("controlled.shutdown.enable", "true"));
        cluster.start(cluster.upstreams());
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static RoutedProxy proxy() {
        return new RoutedProxy(cluster.upstreams().get(0), LONG);
    }

    private static Map<String, Object> settings(RoutedProxy proxy) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", proxy.bootstrap());
        return settings;
    }

    private static KafkaProducer<String, String> producer(Map<String, Object> settings) {
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    private static void create(Admin admin, String topic) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 3)))
                .all()
                .get(30, TimeUnit.SECONDS);
        Awaitility.await("leaders of " + topic)
                .atMost(PATIENCE)
                .until(() -> leaders(admin, topic).values().stream().distinct().count() == 3);
    }

    private static Map<Integer, Integer> leaders(Admin admin, String topic) throws Exception {
        return admin.describeTopics(List.of(topic)).allTopicNames().get(30, TimeUnit.SECONDS).values().stream()
                .flatMap(description -> description.partitions().stream())
                .filter(partition -> partition.leader() != null)
                .collect(Collectors.toMap(
                        partition -> partition.partition(),
                        partition -> partition.leader().id()));
    }

    private static List<Future<?>> send(KafkaProducer<String, String> producer, String topic, List<String> values) {
        List<Future<?>> sent = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            sent.add(producer.send(new ProducerRecord<>(topic, i % PARTITIONS, null, values.get(i))));
        }
        return sent;
    }

    private static void await(Collection<Future<?>> sent) throws Exception {
        for (Future<?> each : sent) {
            each.get(60, TimeUnit.SECONDS);
        }
    }

    private static List<String> values(String name, int number) {
        return IntStream.range(0, number).mapToObj(i -> name + "-" + i).toList();
    }

    /** All connections that the brokers accepted since then are the proxy's. */
    private static void assertNoBypass(RoutedProxy proxy, long acceptedBefore) {
        Awaitility.await("as many connections at the brokers as flows")
                .atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(ConnectionCount.accepted() - acceptedBefore).isEqualTo(proxy.opened()));
    }

    @Test
    void producersFollowALeaderThatMovesAndLoseNothing() throws Exception {
        long accepted = ConnectionCount.accepted();
        List<String> expected = new ArrayList<>();
        try (RoutedProxy proxy = proxy();
                Admin admin = Admin.create(settings(proxy));
                KafkaProducer<String, String> producer = producer(settings(proxy))) {
            create(admin, "moved");
            await(send(producer, "moved", note(expected, values("before", 60))));

            Map<Integer, Integer> before = leaders(admin, "moved");
            List<Future<?>> sent = send(producer, "moved", note(expected, values("meanwhile", 600)));
            moveLeaders(admin, "moved", before);
            sent.addAll(send(producer, "moved", note(expected, values("after", 60))));

            await(sent);
            assertThat(leaders(admin, "moved"))
                    .allSatisfy((partition, leader) -> assertThat(leader).isNotEqualTo(before.get(partition)));
            assertThat(admin.describeCluster().nodes().get(30, TimeUnit.SECONDS))
                    .extracting(Node::port)
                    .hasSize(3)
                    .doesNotContainAnyElementsOf(cluster.upstreams().stream()
                            .map(InetSocketAddress::getPort)
                            .toList());
            assertThat(proxy.middlebox.flows()).extracting(Flow::description).anySatisfy(text -> assertThat(text)
                    .matches("node [123], producer-\\d+, .*"));
            assertNoBypass(proxy, accepted);
        }
        assertThat(new Topics(cluster.directBootstrap()).read("moved")).containsExactlyInAnyOrderElementsOf(expected);
    }

    private static List<String> note(List<String> all, List<String> some) {
        all.addAll(some);
        return some;
    }

    /** Makes the second replica of each partition its leader. */
    private static void moveLeaders(Admin admin, String topic, Map<Integer, Integer> leaders) throws Exception {
        Map<TopicPartition, Optional<NewPartitionReassignment>> orders = new HashMap<>();
        leaders.forEach((partition, leader) -> {
            List<Integer> replicas = new ArrayList<>(List.of(1, 2, 3));
            replicas.remove(leader);
            replicas.add(leader);
            orders.put(new TopicPartition(topic, partition), Optional.of(new NewPartitionReassignment(replicas)));
        });
        admin.alterPartitionReassignments(orders).all().get(30, TimeUnit.SECONDS);
        Awaitility.await("reassignment").atMost(PATIENCE).until(() -> admin.listPartitionReassignments()
                .reassignments()
                .get(30, TimeUnit.SECONDS)
                .isEmpty());
        admin.electLeaders(ElectionType.PREFERRED, orders.keySet()).all().get(30, TimeUnit.SECONDS);
    }

    @Test
    void transactionsGroupsAndShareGroupsWork() throws Exception {
        long accepted = ConnectionCount.accepted();
        List<String> committed = new ArrayList<>();
        try (RoutedProxy proxy = proxy();
                Admin admin = Admin.create(settings(proxy))) {
            create(admin, "transactions");
            Map<String, Object> transactional = settings(proxy);
            transactional.put("transactional.id", "a-transaction");
            try (KafkaProducer<String, String> producer = producer(transactional)) {
                producer.initTransactions();
                for (int i = 0; i < 3; i++) {
                    producer.beginTransaction();
                    send(producer, "transactions", note(committed, values("committed" + i, 30)));
                    producer.commitTransaction();
                }
                producer.beginTransaction();
                send(producer, "transactions", values("aborted", 30));
                producer.abortTransaction();
            }

            assertThat(readAsGroup(proxy, committed.size())).containsExactlyInAnyOrderElementsOf(committed);
            assertThat(readAsShareGroup(proxy, admin, committed.size())).containsAll(committed);
            assertThat(admin.describeConsumerGroups(List.of("a-group")).all().get(30, TimeUnit.SECONDS))
                    .containsKey("a-group");
            assertNoBypass(proxy, accepted);
        }
    }

    private static List<String> readAsGroup(RoutedProxy proxy, int number) {
        Map<String, Object> settings = settings(proxy);
        settings.put("group.id", "a-group");
        settings.put("auto.offset.reset", "earliest");
        settings.put("isolation.level", "read_committed");
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("transactions"));
            Awaitility.await("consumer group").atMost(PATIENCE).until(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
                return values.size() >= number;
            });
            consumer.commitSync();
        }
        return values;
    }

    private static List<String> readAsShareGroup(RoutedProxy proxy, Admin admin, int number) throws Exception {
        ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, "a-share-group");
        admin.incrementalAlterConfigs(Map.of(
                        group,
                        List.of(
                                new AlterConfigOp(
                                        new ConfigEntry("share.auto.offset.reset", "earliest"),
                                        AlterConfigOp.OpType.SET),
                                new AlterConfigOp(
                                        new ConfigEntry("share.isolation.level", "read_committed"),
                                        AlterConfigOp.OpType.SET))))
                .all()
                .get(30, TimeUnit.SECONDS);
        Map<String, Object> settings = settings(proxy);
        settings.put("group.id", "a-share-group");
        List<String> values = new ArrayList<>();
        try (KafkaShareConsumer<String, String> consumer =
                new KafkaShareConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("transactions"));
            Awaitility.await("share group").atMost(PATIENCE).until(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
                return values.size() >= number;
            });
        }
        return values;
    }

    @Test
    void nothingIsLostOrDoubledWhileABrokerStopsAndStarts() throws Exception {
        List<String> expected = new ArrayList<>();
        try (RoutedProxy proxy = proxy();
                Admin admin = Admin.create(settings(proxy));
                KafkaProducer<String, String> producer = producer(settings(proxy))) {
            create(admin, "restarted");
            List<Future<?>> sent = send(producer, "restarted", note(expected, values("before", 60)));

            cluster.stopNode(2);
            sent.addAll(send(producer, "restarted", note(expected, values("without", 60))));
            await(sent);
            cluster.startNode(2);
            Awaitility.await("node 2 is back")
                    .atMost(PATIENCE)
                    .until(() -> admin.describeCluster()
                                    .nodes()
                                    .get(30, TimeUnit.SECONDS)
                                    .size()
                            == 3);

            await(send(producer, "restarted", note(expected, values("after", 60))));
        }
        assertThat(new Topics(cluster.directBootstrap()).read("restarted"))
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void clientsGoOnWhenTheProxyIsRestarted() throws Exception {
        int first = freePorts(4);
        String route = first + "=" + HostPort.of(cluster.upstreams().get(0));
        PortRange ports = new PortRange(first + 1, first + 3);
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", "127.0.0.1:" + first);
        List<String> expected = new ArrayList<>();
        try (KafkaProducer<String, String> producer = producer(settings);
                Admin admin = Admin.create(settings)) {
            try (RoutedProxy before = RoutedProxy.on(route, ports)) {
                create(admin, "proxy-restarted");
                await(send(producer, "proxy-restarted", note(expected, values("before", 60))));
                assertThat(before.opened()).isGreaterThan(3);
            }
            List<Future<?>> sent = send(producer, "proxy-restarted", note(expected, values("without", 60)));

            try (RoutedProxy after = RoutedProxy.on(route, ports)) {
                await(sent);
                await(send(producer, "proxy-restarted", note(expected, values("after", 60))));
                assertThat(after.opened()).isPositive();
            }
        }
        assertThat(new Topics(cluster.directBootstrap()).read("proxy-restarted"))
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    /** The first of consecutive ports below those that the kernel gives to connections. */
    private static int freePorts(int number) throws IOException {
        for (int first = 20_000 + (int) (ProcessHandle.current().pid() % 10_000); ; first += number) {
            try {
                for (int port = first; port < first + number; port++) {
                    new ServerSocket(port).close();
                }
                return first;
            } catch (BindException e) {
                // The next ones.
            }
        }
    }

    @Test
    void incidentHasItsVerdicts() throws Exception {
        Map<String, Verdict> expected = Map.of(
                "keepalive off", Verdict.STALLED,
                "keepalive on", Verdict.IMMEDIATE,
                "user timeout only", Verdict.RECOVERED);
        try (RoutedProxy proxy = new RoutedProxy(cluster.upstreams().get(0), Duration.ofSeconds(3))) {
            ScenarioSettings base = ScenarioSettings.builder(proxy.bootstrap(), "incident")
                    .createTopic(1)
                    .burstSize(10)
                    .idle(Duration.ofSeconds(5))
                    .requestTimeout(Duration.ofSeconds(6))
                    .build();
            List<Variant> variants = Variant.defaults(Duration.ofSeconds(3)).stream()
                    .filter(variant -> expected.containsKey(variant.name()))
                    .toList();

            ComparisonReport report = Comparison.run(variants, base, ComparisonListener.NONE);

            assertThat(report.variants().stream()
                            .collect(Collectors.toMap(
                                    named -> named.name(), named -> Objects.requireNonNull(named.run(), named::failure)
                                            .report()
                                            .verdict())))
                    .isEqualTo(expected);
        }
    }
}
