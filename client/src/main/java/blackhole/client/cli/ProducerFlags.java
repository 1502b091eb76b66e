package blackhole.client.cli;

import blackhole.client.scenario.ScenarioException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The producer's settings that limit a stall, and a file for all others. Without them Kafka's defaults apply. */
final class ProducerFlags {

    @Option(
            names = "--request-timeout",
            paramLabel = "DURATION",
            description = "Set request.timeout.ms; keep it above the user timeout (Kafka's default: 30s).")
    private @Nullable Duration requestTimeout;

    @Option(
            names = "--delivery-timeout",
            paramLabel = "DURATION",
            description =
                    "Set delivery.timeout.ms, the time after which a message counts as lost (Kafka's default: 2m).")
    private @Nullable Duration deliveryTimeout;

    @Option(names = "--retries", paramLabel = "N", description = "Set retries (Kafka's default: 2147483647).")
    private @Nullable Integer retries;

    @Option(
            names = "--retry-backoff",
            paramLabel = "DURATION",
            description = "Set retry.backoff.ms (Kafka's default: 100ms).")
    private @Nullable Duration retryBackoff;

    @Option(
            names = "--acks",
            paramLabel = "all|1|0",
            description = "Set acks; 1 or 0 disables idempotence, so a retry may store a message twice (Kafka's"
                    + " default: all).")
    private @Nullable String acks;

    @Option(names = "--linger", paramLabel = "DURATION", description = "Set linger.ms (Kafka's default: 5ms).")
    private @Nullable Duration linger;

    @Option(
            names = "--command-config",
            paramLabel = "FILE",
            description =
                    "Read other kafka-clients properties from this file, such as security.protocol, sasl.jaas.config"
                            + " or metadata.recovery.strategy; the options above override it.")
    private @Nullable Path file;

    /** @throws ScenarioException if the file can't be read */
    Map<String, String> properties() {
        Map<String, String> properties = file == null ? new LinkedHashMap<>() : read(file);
        put(properties, "request.timeout.ms", requestTimeout);
        put(properties, "delivery.timeout.ms", deliveryTimeout);
        put(properties, "retries", retries);
        put(properties, "retry.backoff.ms", retryBackoff);
        put(properties, "acks", acks);
        put(properties, "linger.ms", linger);
        if (retryBackoff != null && retryBackoff.compareTo(Duration.ofSeconds(1)) > 0) {
            // Kafka's backoff never exceeds this, 1 s by default.
            properties.putIfAbsent("retry.backoff.max.ms", Long.toString(retryBackoff.toMillis()));
        }
        return properties;
    }

    private static void put(Map<String, String> properties, String name, @Nullable Object value) {
        if (value instanceof Duration duration) {
            properties.put(name, Long.toString(duration.toMillis()));
        } else if (value != null) {
            properties.put(name, value.toString());
        }
    }

    private static Map<String, String> read(Path file) {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(UserFile.read("--command-config", file)));
        } catch (IOException | IllegalArgumentException e) {
            throw new ScenarioException("--command-config " + file + ": can't be read: " + e.getMessage(), e);
        }
        Map<String, String> map = new LinkedHashMap<>();
        properties.stringPropertyNames().forEach(name -> map.put(name, properties.getProperty(name)));
        return map;
    }
}
