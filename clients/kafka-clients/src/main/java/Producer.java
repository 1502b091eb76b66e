import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Burst, idle, and one probe for each partition, with kafka-clients. */
public final class Producer {

    private static final Map<String, String> ENVIRONMENT = System.getenv();

    private Producer() {}

    public static void main(String[] args) throws Exception {
        int partitions = Integer.parseInt(ENVIRONMENT.get("PARTITIONS"));
        KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings(), new StringSerializer(), new StringSerializer());
        for (int partition = 0; partition < partitions; partition++) {
            send(producer, "burst", partition);
        }
        System.out.println("{\"step\": \"burst\"}");
        TimeUnit.MILLISECONDS.sleep((long) (Double.parseDouble(ENVIRONMENT.get("IDLE")) * 1000));
        for (int partition = 0; partition < partitions; partition++) {
            probe(producer, partition);
        }
        Runtime.getRuntime().halt(0); // Closing would wait for dead connections.
    }

    private static Properties settings() {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", ENVIRONMENT.get("BOOTSTRAP"));
        if (ENVIRONMENT.get("SETTING").equals("max-idle")) {
            // It looks for idle connections only as often as requests time out, and closes one at a time.
            settings.put("connections.max.idle.ms", ENVIRONMENT.get("MAX_IDLE_MS"));
            settings.put("request.timeout.ms", Integer.parseInt(ENVIRONMENT.get("MAX_IDLE_MS")) * 4 / 10);
        }
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

    private static void send(KafkaProducer<String, String> producer, String text, int partition) throws Exception {
        producer.send(new ProducerRecord<>(ENVIRONMENT.get("TOPIC"), partition, null, text + "-" + partition))
                .get();
    }

    private static void probe(KafkaProducer<String, String> producer, int partition) throws Exception {
        long started = System.nanoTime();
        String outcome = "acknowledged";
        String error = "null";
        try {
            send(producer, "probe", partition);
        } catch (ExecutionException e) {
            outcome = "failed";
            error = "\"" + e.getCause().toString().replace("\"", "'") + "\"";
        }
        long elapsed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);
        System.out.printf(
                "{\"step\": \"probe\", \"partition\": %d, \"elapsedMs\": %d, \"outcome\": \"%s\", \"error\": %s}%n",
                partition, elapsed, outcome, error);
    }
}
