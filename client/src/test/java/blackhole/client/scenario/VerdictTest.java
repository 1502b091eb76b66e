package blackhole.client.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class VerdictTest {

    private static final Duration JUST_UNDER = Duration.ofMillis(1000).minusNanos(1);
    private static final Duration AT_BORDER = Duration.ofMillis(1000);

    @Test
    void underASecondIsImmediateOnWhateverConnection() {
        assertThat(Verdict.of(true, JUST_UNDER, false, false)).isEqualTo(Verdict.IMMEDIATE);
        assertThat(Verdict.of(true, JUST_UNDER, false, true)).isEqualTo(Verdict.IMMEDIATE);
    }

    @Test
    void laterOnTheOldConnectionIsDelayedAndNotCalledARecovery() {
        assertThat(Verdict.of(true, AT_BORDER, false, false)).isEqualTo(Verdict.DELAYED);
    }

    @Test
    void laterOnANewConnectionIsRecovered() {
        assertThat(Verdict.of(true, AT_BORDER, false, true)).isEqualTo(Verdict.RECOVERED);
    }

    @Test
    void connectionGivenUpByTheProducerIsAStallAlthoughANewOneTookIt() {
        assertThat(Verdict.of(true, Duration.ofSeconds(12), true, true)).isEqualTo(Verdict.STALLED);
    }

    @Test
    void undeliveredIsLostHoweverFast() {
        assertThat(Verdict.of(false, Duration.ZERO, false, false)).isEqualTo(Verdict.LOST);
    }

    @Test
    void worseIsLaterInTheOrder() {
        assertThat(Verdict.RECOVERED.worse(Verdict.IMMEDIATE)).isEqualTo(Verdict.RECOVERED);
        assertThat(Verdict.RECOVERED.worse(Verdict.LOST)).isEqualTo(Verdict.LOST);
    }
}
