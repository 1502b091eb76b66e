package blackhole.keepalive;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaVersionTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2.8.0",
                "2.8.2",
                "3.0.0",
                "3.9.1",
                "3.9.0.redhat-00003",
                "4.0.0",
                "4.4.0",
                "4.5.0-SNAPSHOT",
                "6.2.1-ccs",
                "7.9.0-ccs",
                "7.4.0-ce",
                "8.1.0-ccs"
            })
    void kafka28To4AreSupported(String version) {
        assertThat(new KafkaVersion(version).isSupported()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "unknown", "2.7.2", "1.0.0", "5.0.0", "7.9.0", "6.1.0-ccs", "9.0.0-ccs", "4", "28.1"})
    void otherVersionsAreNotSupported(String version) {
        assertThat(new KafkaVersion(version).isSupported()).isFalse();
    }

    @Test
    void versionIsThatOfTheJarOfTheClass() {
        assertThat(KafkaVersion.of(KafkaProducer.class).text()).startsWith("4.");
        assertThat(KafkaVersion.of(KafkaProducer.class).isSupported()).isTrue();
    }
}
