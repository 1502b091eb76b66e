package blackhole.middlebox.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({
        "1500ms, 1500",
        "300s, 300000",
        "5m, 300000",
        "2h, 7200000",
        "PT5M, 300000",
        "PT1.5S, 1500",
        "pt3s, 3000",
        "0s, 0",
    })
    void readsNumberWithUnitAndIso8601(String text, long millis) {
        assertThat(Durations.parse(text)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"300", "0", "1.5"})
    void bareNumberIsRefusedAndTheUnitAskedFor(String text) {
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("'" + text + "' has no unit")
                .hasMessageContaining(text + "s");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "s",
                "5x",
                "5 m",
                "-5s",
                "PT-5S",
                "1.5s",
                "1d",
                "soon",
                "9999999999999s",
                "PT99999999999999999999S"
            })
    void anythingElseIsRefusedWithExamples(String text) {
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("'" + text + "' is not a valid duration")
                .hasMessageContaining("300s");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0ms",
        "1, 1ms",
        "1500, 1500ms",
        "3000, 3s",
        "90000, 90s",
        "300000, 5m",
        "5400000, 90m",
        "7200000, 2h"
    })
    void formatIsShortAndReadsBack(long millis, String text) {
        Duration duration = Duration.ofMillis(millis);

        assertThat(Durations.format(duration)).isEqualTo(text);
        assertThat(Durations.parse(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @CsvSource({"3012, 3.012 s", "0, 0.000 s", "300000, 300.000 s"})
    void secondsHaveThreeDecimals(long millis, String text) {
        assertThat(Durations.seconds(Duration.ofMillis(millis))).isEqualTo(text);
    }
}
