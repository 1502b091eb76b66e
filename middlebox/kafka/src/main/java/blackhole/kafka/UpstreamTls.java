package blackhole.kafka;

import blackhole.middlebox.config.UsageException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How a Kafka route connects to its brokers with TLS. The brokers' certificates must be valid for their own names.
 * Immutable.
 *
 * @param properties as in Kafka's client configuration: {@code ssl.truststore.location} and so on. Without a trust store,
 *     the JVM's certificate authorities are trusted
 */
public record UpstreamTls(Map<String, String> properties) {
    static final String OPTION = "upstream-tls-config";

    static final String TRUSTSTORE = "ssl.truststore.";
    static final String KEYSTORE = "ssl.keystore.";
    static final String LOCATION = "location";
    static final String TYPE = "type";
    static final String PASSWORD = "password";
    static final String KEY_PASSWORD = "ssl.key.password";
    static final String VERIFICATION = "ssl.endpoint.identification.algorithm";

    private static final Set<String> KNOWN = Set.of(
            TRUSTSTORE + LOCATION,
            TRUSTSTORE + TYPE,
            TRUSTSTORE + PASSWORD,
            KEYSTORE + LOCATION,
            KEYSTORE + TYPE,
            KEYSTORE + PASSWORD,
            KEY_PASSWORD,
            VERIFICATION);

    /** @throws UsageException if there is a property that starts with {@code ssl.} and is not supported */
    public UpstreamTls {
        Map<String, String> ssl = new TreeMap<>();
        properties.forEach((name, value) -> {
            if (name.startsWith("ssl.")) {
                if (!KNOWN.contains(name)) {
                    throw new UsageException(
                            OPTION, "'" + name + "' is not supported; use " + String.join(", ", new TreeSet<>(KNOWN)));
                }
                ssl.put(name, value.strip());
            }
        });
        properties = Map.copyOf(ssl);
    }

    /** Returns settings that trust the JVM's certificate authorities. */
    public static UpstreamTls trustingTheJvm() {
        return new UpstreamTls(Map.of());
    }

    /**
     * Reads a client's properties file. Properties that do not start with {@code ssl.} are ignored.
     *
     * @throws UsageException if the file can't be read, or contains an {@code ssl.} property that is not supported
     */
    public static UpstreamTls read(Path file) {
        Properties properties = new Properties();
        try (Reader text = Files.newBufferedReader(file)) {
            properties.load(text);
        } catch (IOException | IllegalArgumentException e) {
            String problem = Files.exists(file) ? "can't be read as properties: " + e.getMessage() : "does not exist";
            throw new UsageException(OPTION, "'" + file + "' " + problem);
        }
        Map<String, String> map = new TreeMap<>();
        properties.stringPropertyNames().forEach(name -> map.put(name, properties.getProperty(name)));
        return new UpstreamTls(map);
    }

    /** Returns null for a property that is missing or empty, as Kafka does. */
    @Nullable
    String get(String name) {
        String value = properties.get(name);
        return value == null || value.isEmpty() ? null : value;
    }

    /** Omits the passwords. */
    @Override
    public String toString() {
        return "TLS with " + new TreeSet<>(properties.keySet());
    }
}
