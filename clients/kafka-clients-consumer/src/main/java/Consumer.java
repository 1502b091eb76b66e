import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A consumer in a group: reads the burst, doesn't poll while it is idle, and then polls for each probe. Each message is
 * sent by a new producer, so only the consumer's connections can have expired.
 */
public final class Consumer {

    private static final Map<String, String> ENVIRONMENT = System.getenv();
    private static final Duration LONGEST = Duration.ofMinutes(4);

    private Consumer() {}

    public static void main(String[] args) throws Exception {
        int partitions = Integer.parseInt(ENVIRONMENT.get("PARTITIONS"));
        Properties settings = security();
        settings.put("group.id", ENVIRONMENT.get("TOPIC"));
        settings.put("auto.offset.reset", "earliest");
        KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
        consumer.subscribe(List.of(ENVIRONMENT.get("TOPIC")));
        for (int partition = 0; partition < partitions; partition++) {
            send("burst", partition);
            if (!receive(consumer, "burst-" + partition)) {
                throw new IllegalStateException("the burst did not arrive");
            }
        }
        System.out.println("{\"step\": \"burst\"}");
        TimeUnit.MILLISECONDS.sleep((long) (Double.parseDouble(ENVIRONMENT.get("IDLE")) * 1000));
        for (int partition = 0; partition < partitions; partition++) {
            send("probe", partition);
            long started = System.nanoTime();
            boolean received = receive(consumer, "probe-" + partition);
            System.out.printf(
                    "{\"step\": \"probe\", \"partition\": %d, \"elapsedMs\": %d, \"outcome\": \"%s\", \"error\": %s}%n",
                    partition,
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started),
                    received ? "acknowledged" : "failed",
                    received ? "null" : "\"not received\"");
        }
        Runtime.getRuntime().halt(0); // Closing would wait for dead connections.
    }

    private static boolean receive(KafkaConsumer<String, String> consumer, String value) {
        long started = System.nanoTime();
        while (System.nanoTime() - started < LONGEST.toNanos()) {
            for (var message : consumer.poll(Duration.ofMillis(100))) {
                if (message.value().equals(value)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void send(String text, int partition) throws Exception {
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(security(), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(ENVIRONMENT.get("TOPIC"), partition, null, text + "-" + partition))
                    .get();
        }
    }

    private static Properties security() {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", ENVIRONMENT.get("BOOTSTRAP"));
        if (ENVIRONMENT.containsKey("CA_FILE")) {
            settings.put("security.protocol", "SASL_SSL");
            settings.put("ssl.truststore.type", "PEM");
            settings.put("ssl.truststore.location", ENVIRONMENT.get("CA_FILE"));
            settings.put("sasl.mechanism", "PLAIN");
            settings.put(
                    "sasl.jaas.config",
                    "org.apache.kafka.common.security.plain.PlainLoginModule required username=\""
                            + ENVIRONMENT.get("KAFKA_USER") + "\" password=\"" + ENVIRONMENT.get("KAFKA_SECRET") + "\";");
        }
        return settings;
    }
}
