package blackhole.client.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import picocli.CommandLine.IVersionProvider;

/** The client's version, and what else one wants to know in a bug report. */
final class ClientVersion implements IVersionProvider {

    @Override
    public String[] getVersion() throws IOException {
        String version = ClientVersion.class.getPackage().getImplementationVersion();
        Properties kafka = new Properties();
        try (InputStream file = KafkaProducer.class.getResourceAsStream("/kafka/kafka-version.properties")) {
            kafka.load(Objects.requireNonNull(file));
        }
        return new String[] {
            "blackhole-client " + (version == null ? "(not from a jar)" : version),
            "kafka-clients " + kafka.getProperty("version") + ", Java " + Runtime.version()
        };
    }
}
