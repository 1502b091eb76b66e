package blackhole.agent;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Somebody's application that produces, is idle, and produces again; it prints how many milliseconds the second took.
 *
 * <p>Arguments: bootstrap server, topic, milliseconds of idle time, request.timeout.ms.
 */
final class IdleProducerApplication {

    private IdleProducerApplication() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", arguments[0],
                "linger.ms", "0",
                "request.timeout.ms", arguments[3]);
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(arguments[1], "before")).get();

            TimeUnit.MILLISECONDS.sleep(Long.parseLong(arguments[2]));

            long start = System.nanoTime();
            producer.send(new ProducerRecord<>(arguments[1], "after")).get();
            System.out.println("took " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        }
    }
}
