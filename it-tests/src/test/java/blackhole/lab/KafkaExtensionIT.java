package blackhole.lab;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.junit.BlackholeExtension;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The JUnit extension in front of a broker that knows nothing of it, as in docs/junit.md. */
@Tag("broker")
class KafkaExtensionIT {
    private static final EmbeddedKafka KAFKA = EmbeddedKafka.reserve();

    @RegisterExtension
    final BlackholeExtension nat = BlackholeExtension.builder()
            .kafka(() -> "PLAINTEXT://" + HostPort.of(KAFKA.upstream()))
            .idleTimeout(Duration.ofSeconds(2))
            .build();

    @BeforeAll
    static void start() {
        KAFKA.start(KAFKA.upstream());
        new Topics(KAFKA.directBootstrap()).create("orders", 1);
    }

    @AfterAll
    static void stop() {
        KAFKA.close();
    }

    @Test
    void sendAfterAnIdlePeriodIsDiscardedAndArrivesAfterHealing() throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", nat.hostAndPort(), "linger.ms", 0);
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>("orders", "before")).get(30, TimeUnit.SECONDS);
            nat.awaitExpired(2, Duration.ofSeconds(20));

            Future<?> sent = producer.send(new ProducerRecord<>("orders", "after"));
            nat.awaitDiscarded(2, Duration.ofSeconds(20));
            assertThat(sent).isNotDone();
            nat.heal();

            sent.get(30, TimeUnit.SECONDS);
        }
        assertThat(new Topics(KAFKA.directBootstrap()).read("orders")).containsExactly("before", "after");
    }
}
