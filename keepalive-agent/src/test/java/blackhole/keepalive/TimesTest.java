package blackhole.keepalive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimesTest {

    @ParameterizedTest
    @CsvSource({"300s,300000", "5m,300000", "1500ms,1500", "2h,7200000", "PT5M,300000", "pt1.5s,1500", "0ms,0"})
    void unitsAndIsoAreAccepted(String text, long millis) {
        assertThat(Times.parse(text)).isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void numberWithoutUnitIsRejectedWithSuggestions() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Times.parse("300"))
                .withMessage("'300' has no unit; use 300s, 300ms or 300m");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "s",
                "5x",
                "-5s",
                "PT-5S",
                "5 minutes",
                "9999999999999s",
                "999999999999h",
                "8761h",
                "PT99999999H"
            })
    void anythingElseIsRejected(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Times.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "0,0ms",
        "0.44,0.4ms",
        "9.99,9.9ms",
        "10.5,10ms",
        "999,999ms",
        "1000,1s",
        "2649,2.6s",
        "10040,10s",
        "59999,59.9s",
        "300000,5m",
        "307000,5m7s"
    })
    void textIsTruncatedForPeople(double millis, String text) {
        assertThat(Times.text(Duration.ofNanos(Math.round(millis * 1e6)))).isEqualTo(text);
    }
}
