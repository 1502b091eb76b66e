package blackhole.client.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerdictTest {

    @ParameterizedTest
    @CsvSource(useHeadersInDisplayName = true, textBlock = """
            delivered, elapsed,       gave up, new connection, verdict
            true,      PT0.999999999S, false,  false,          IMMEDIATE
            true,      PT0.999999999S, false,  true,           IMMEDIATE
            true,      PT1S,           false,  false,          DELAYED
            true,      PT1S,           false,  true,           RECOVERED
            true,      PT12S,          true,   true,           STALLED
            false,     PT0S,           false,  false,          LOST
            """)
    void verdictDependsOnTimeAndConnections(
            boolean delivered, Duration elapsed, boolean gaveUp, boolean newConnection, Verdict verdict) {
        assertThat(Verdict.of(delivered, elapsed, gaveUp, newConnection)).isEqualTo(verdict);
    }

    @Test
    void worseIsLaterInTheOrder() {
        assertThat(Verdict.RECOVERED.worse(Verdict.IMMEDIATE)).isEqualTo(Verdict.RECOVERED);
        assertThat(Verdict.RECOVERED.worse(Verdict.LOST)).isEqualTo(Verdict.LOST);
    }
}
