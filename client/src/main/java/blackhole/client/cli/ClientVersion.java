package blackhole.client.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import picocli.CommandLine.IVersionProvider;

/** The client's version, and what else one wants to know in a bug report. */
final class ClientVersion implements IVersionProvider {

    private static final String KAFKA_VERSION = "/kafka/kafka-version.properties";

    @Override
    public String[] getVersion() throws IOException {
        String version = ClientVersion.class.getPackage().getImplementationVersion();
        return new String[] {
            "blackhole-client " + (version == null ? "(not from a jar)" : version),
            "kafka-clients " + kafkaVersion() + ", Java " + Runtime.version()
        };
    }

    private static String kafkaVersion() throws IOException {
        Properties properties = new Properties();
        try (InputStream file = KafkaProducer.class.getResourceAsStream(KAFKA_VERSION)) {
            if (file != null) {
                properties.load(file);
            }
        }
        return properties.getProperty("version", "(unknown)");
    }
}
