package blackhole.lab;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients go through their proxy and nowhere else, and the lab sees what they did. */
@Execution(ExecutionMode.CONCURRENT)
@Tag("broker")
class LabIT {

    @ParameterizedTest
    @EnumSource
    void everyConnectionOfAProducerGoesThroughTheProxy(BrokerKind kind) throws Exception {
        kind.orSkip();
        try (Lab lab = Lab.builder()
                .broker(kind::reserve)
                .idleTimeout(Duration.ofMinutes(5))
                .start()) {
            lab.topics().create("orders", 2);
            assertThat(lab.events()).isEmpty();

            produce(lab.bootstrap(), "orders", "first");

            // One flow to the bootstrap address, and one to the node that the broker advertises.
            assertThat(lab.events(FlowOpened.class)).hasSize(2).allSatisfy(opened -> assertThat(opened.listen())
                    .isEqualTo(lab.proxy().address()));
            assertThat(BrokerMetadata.of(lab.proxy().address()).advertised()).isEqualTo(lab.bootstrap());
            assertThat(lab.topics().read("orders")).containsExactly("first");
        }
    }

    @Test
    void proxiesBeforeOneBrokerAreApart() throws Exception {
        try (Lab lab = Lab.builder().proxies(3).start()) {
            lab.topics().create("orders", 1);

            produce(lab.proxies().get(0).bootstrap(), "orders", "first");
            produce(lab.proxies().get(2).bootstrap(), "orders", "second");

            assertThat(lab.proxies().get(0).events(FlowOpened.class)).hasSize(2);
            assertThat(lab.proxies().get(1).events()).isEmpty();
            assertThat(lab.proxies().get(2).events(FlowOpened.class)).hasSize(2);
            assertThat(lab.topics().read("orders")).containsExactly("first", "second");
        }
    }

    private static void produce(String bootstrap, String topic, String value) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, value)).get(10, TimeUnit.SECONDS);
        }
    }
}
