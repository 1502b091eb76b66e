package blackhole.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same contract as the embedded broker's, as far as this machine lets it be tried. */
@Tag("broker")
class RedpandaKafkaIT {

    @Test
    @Timeout(60)
    void dockersAbsenceIsToldQuicklyAndAgainAtOnce() {
        Optional<String> first = Docker.reasonItIsMissing(RedpandaKafka.IMAGE);

        long begin = System.nanoTime();
        assertThat(Docker.reasonItIsMissing(RedpandaKafka.IMAGE)).isEqualTo(first);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(1));
        first.ifPresent(reason -> assertThat(reason).containsAnyOf("Docker", RedpandaKafka.IMAGE));
    }

    @Test
    void misuseIsRefusedBeforeDockerIsAsked() throws Exception {
        RedpandaKafka kafka = RedpandaKafka.reserve(2);
        try (kafka) {
            InetSocketAddress ipv6 = new InetSocketAddress(InetAddress.getByName("::1"), 9092);
            assertThat(kafka.upstreams()).hasSize(2).doesNotHaveDuplicates();
            assertThatThrownBy(kafka::directBootstrap).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> kafka.start(ipv6)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> kafka.start(List.of(kafka.upstream(), ipv6)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("[0:0:0:0:0:0:0:1]:9092");
        }
        assertThatThrownBy(() -> kafka.start(kafka.upstreams())).isInstanceOf(IllegalStateException.class);
        for (InetSocketAddress port : kafka.upstreams()) {
            try (ServerSocket server = new ServerSocket()) {
                server.bind(port);
            }
        }
        assertThatThrownBy(() -> RedpandaKafka.reserve(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
