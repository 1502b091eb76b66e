package blackhole.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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
}
