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
        "1500ms, 1500,   1500ms",
        "300s,   300000, 5m",
        "5m,     300000, 5m",
        "90m,    5400000, 90m",
        "2h,     7200000, 2h",
        "PT5M,   300000, 5m",
        "PT1.5S, 1500,   1500ms",
        "pt3s,   3000,   3s",
        "90s,    90000,  90s",
        "1ms,    1,      1ms",
        "0s,     0,      0ms",
    })
    void isReadWithUnitOrAsIso8601AndWrittenShort(String text, long millis, String shortest) {
        Duration duration = Duration.ofMillis(millis);

        assertThat(Durations.parse(text)).isEqualTo(duration);
        assertThat(Durations.format(duration)).isEqualTo(shortest);
        assertThat(Durations.parse(shortest)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"300", "0", "1.5"})
    void bareNumberIsRefusedWithUnitsToUse(String text) {
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(UsageException.class)
                .hasMessage("'%1$s' has no unit; use %1$ss, %1$sms or %1$sm".formatted(text));
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
                .hasMessage("'" + text + "' is not a valid duration; use a unit, such as 300s or 5m");
    }

    @ParameterizedTest
    @CsvSource({"3012, 3.012 s", "0, 0.000 s", "300000, 300.000 s"})
    void secondsHaveThreeDecimals(long millis, String text) {
        assertThat(Durations.seconds(Duration.ofMillis(millis))).isEqualTo(text);
    }
}
