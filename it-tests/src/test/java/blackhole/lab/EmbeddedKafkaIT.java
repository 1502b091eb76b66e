package blackhole.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.internals.Exit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The broker is real, advertises the given addresses, and leaves nothing behind. */
@Tag("broker")
class EmbeddedKafkaIT {

    /** Nothing connects there; only the text matters. */
    private static final InetSocketAddress ELSEWHERE = new InetSocketAddress("127.0.0.9", 19092);

    @Test
    void whatIsProducedIsReadBackCompletelyAndInOrder() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.reserve()) {
            kafka.start(kafka.upstream());
            Topics topics = new Topics(kafka.directBootstrap());
            topics.create("orders", 3);
            List<String> sent = IntStream.range(0, 300)
                    .mapToObj(i -> "%d-%03d".formatted(i / 100, i))
                    .toList();

            try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", HostPort.of(kafka.upstream()), "linger.ms", 0),
                    new StringSerializer(),
                    new StringSerializer())) {
                for (int i = 0; i < sent.size(); i++) {
                    producer.send(new ProducerRecord<>("orders", i / 100, null, sent.get(i)))
                            .get(10, TimeUnit.SECONDS);
                }
            }

            assertThat(topics.read("orders")).containsExactlyElementsOf(sent);
        }
    }

    @Test
    void eachListenerAdvertisesItsOwnAddress() throws Exception {
        InetSocketAddress byName = InetSocketAddress.createUnresolved("proxy.example", 1234);
        try (EmbeddedKafka kafka = EmbeddedKafka.builder().proxiedListeners(3).reserve()) {
            InetSocketAddress self = kafka.upstreams().get(2);
            kafka.start(List.of(ELSEWHERE, byName, self));

            assertThat(BrokerMetadata.of(kafka.upstreams().get(0)).advertised()).isEqualTo("127.0.0.9:19092");
            assertThat(BrokerMetadata.of(kafka.upstreams().get(1)).advertised()).isEqualTo("proxy.example:1234");
            assertThat(BrokerMetadata.of(self).advertised()).isEqualTo(HostPort.of(self));
            String direct = kafka.directBootstrap();
            int directPort = Integer.parseInt(direct.substring(direct.lastIndexOf(':') + 1));
            assertThat(BrokerMetadata.of(new InetSocketAddress("127.0.0.1", directPort))
                            .advertised())
                    .isEqualTo(direct);
        }
    }

    @Test
    void missingTopicStaysMissing() {
        try (EmbeddedKafka kafka = EmbeddedKafka.reserve()) {
            kafka.start(ELSEWHERE);
            Topics topics = new Topics(kafka.directBootstrap());

            assertThatThrownBy(() -> topics.read("nowhere")).hasMessageContaining("nowhere");
            topics.create("somewhere", 1);
            assertThat(topics.read("somewhere")).isEmpty();
            assertThatThrownBy(() -> topics.create("somewhere", 1)).hasMessageContaining("already exists");
        }
    }

    @Test
    void closeGivesBackPortsThreadsAndFilesAndPrintsNothing() throws Exception {
        // A first broker, so that threads which a JVM has once and keeps are there already.
        startAndClose();
        Set<String> threadsBefore = threads();
        Set<Path> directoriesBefore = directories();
        PrintStream stdout = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();

        List<InetSocketAddress> ports;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            ports = startAndClose();
        } finally {
            System.setOut(stdout);
        }

        assertThat(printed.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(directories()).isEqualTo(directoriesBefore);
        for (InetSocketAddress port : ports) {
            try (ServerSocket server = new ServerSocket()) {
                server.bind(port);
            }
        }
        Awaitility.await().pollInSameThread().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(threads())
                .isSubsetOf(threadsBefore));
    }

    @Test
    void stolenPortIsNamed() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.reserve();
                ServerSocket thief = new ServerSocket()) {
            thief.bind(kafka.upstream());
            Set<Path> directoriesBefore = directories();

            withLogOff("kafka", () -> assertThatThrownBy(() -> kafka.start(ELSEWHERE))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(HostPort.of(kafka.upstream()))
                    .hasMessageContaining("start again"));

            assertThat(directories()).isEqualTo(directoriesBefore);
        }
    }

    @Test
    void badSettingIsToldAndDoesNotEndTheJvm() {
        try (EmbeddedKafka kafka =
                EmbeddedKafka.builder().setting("num.io.threads", "0").reserve()) {

            assertThatThrownBy(() -> kafka.start(ELSEWHERE))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("num.io.threads");
        }
        withLogOff("blackhole", () -> {
            assertThatThrownBy(() -> Exit.exit(1, "fault")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> Exit.halt(1, "fault")).isInstanceOf(IllegalStateException.class);
        });
    }

    /** Keeps faults that a test provokes out of its log. */
    private static void withLogOff(String name, Runnable action) {
        Logger logger = (Logger) LoggerFactory.getLogger(name);
        logger.setLevel(Level.OFF);
        try {
            action.run();
        } finally {
            logger.setLevel(null);
        }
    }

    private static List<InetSocketAddress> startAndClose() {
        EmbeddedKafka kafka = EmbeddedKafka.reserve();
        try (kafka) {
            kafka.start(ELSEWHERE);
            new Topics(kafka.directBootstrap()).create("t", 1);
        }
        return kafka.upstreams();
    }

    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<Path> directories() throws IOException {
        try (Stream<Path> tmp = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return tmp.filter(path -> path.getFileName().toString().startsWith(EmbeddedKafka.DIRECTORY_PREFIX))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
