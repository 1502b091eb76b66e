package blackhole.keepalive;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.Test;

class KafkaVersionTest {

    @Test
    void kafka28To4AreSupported() {
        assertThat(versions("2.8.0 2.8.2 3.0.0 3.9.1 3.9.0.redhat-00003 4.0.0 4.4.0 4.5.0-SNAPSHOT"))
                .allMatch(KafkaVersion::isSupported);
        assertThat(versions("6.2.1-ccs 7.9.0-ccs 7.4.0-ce 8.1.0-ccs")).allMatch(KafkaVersion::isSupported);
    }

    @Test
    void otherVersionsAreNotSupported() {
        assertThat(new KafkaVersion("").isSupported()).isFalse();
        assertThat(versions("unknown 2.7.2 1.0.0 5.0.0 7.9.0 6.1.0-ccs 9.0.0-ccs 4 28.1"))
                .noneMatch(KafkaVersion::isSupported);
    }

    @Test
    void versionIsThatOfTheJarOfTheClass() {
        assertThat(KafkaVersion.of(KafkaProducer.class).text()).startsWith("4.");
        assertThat(KafkaVersion.of(KafkaProducer.class).isSupported()).isTrue();
    }

    private static Stream<KafkaVersion> versions(String texts) {
        return Stream.of(texts.split(" ")).map(KafkaVersion::new);
    }
}
