import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.serialization.StringSerializer;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;

/** Burst, idle, and one probe for each partition, with Spring's KafkaTemplate. */
public final class Producer {

    private static final Map<String, String> ENVIRONMENT = System.getenv();

    private Producer() {}

    public static void main(String[] args) throws Exception {
        int partitions = Integer.parseInt(ENVIRONMENT.get("PARTITIONS"));
        KafkaTemplate<String, String> template = new KafkaTemplate<>(
                new DefaultKafkaProducerFactory<>(settings(), new StringSerializer(), new StringSerializer()));
        for (int partition = 0; partition < partitions; partition++) {
            send(template, "burst", partition);
        }
        System.out.println("{\"step\": \"burst\"}");
        TimeUnit.MILLISECONDS.sleep((long) (Double.parseDouble(ENVIRONMENT.get("IDLE")) * 1000));
        for (int partition = 0; partition < partitions; partition++) {
            probe(template, partition);
        }
        Runtime.getRuntime().halt(0); // Closing would wait for dead connections.
    }

    private static Map<String, Object> settings() {
        Map<String, Object> settings = new HashMap<>();
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

    private static void send(KafkaTemplate<String, String> template, String text, int partition) throws Exception {
        template.send(ENVIRONMENT.get("TOPIC"), partition, null, text + "-" + partition).get();
    }

    private static void probe(KafkaTemplate<String, String> template, int partition) throws Exception {
        long started = System.nanoTime();
        String outcome = "acknowledged";
        String error = "null";
        try {
            send(template, "probe", partition);
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
