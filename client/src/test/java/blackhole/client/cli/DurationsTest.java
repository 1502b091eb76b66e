package blackhole.client.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class DurationsTest {

    @ParameterizedTest
    @CsvSource({"300s,300000", "5m,300000", "1500ms,1500", "2h,7200000", "PT5M,300000", "pt1.5s,1500", "0ms,0"})
    void unitsAndIsoAreTaken(String text, long millis) {
        assertThat(Durations.parse(text)).isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void bareNumberIsAskedForItsUnit() {
        assertThatExceptionOfType(TypeConversionException.class)
                .isThrownBy(() -> Durations.parse("300"))
                .withMessage("'300' has no unit; write 300s or 300ms");
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
    void anythingElseIsRefused(String text) {
        assertThatExceptionOfType(TypeConversionException.class).isThrownBy(() -> Durations.parse(text));
    }

    @ParameterizedTest
    @CsvSource({"0,0ms", "999,999ms", "1000,1s", "2649,2.6s", "10040,10s", "59999,59.9s", "300000,5m", "307000,5m7s"})
    void textIsForPeople(long millis, String text) {
        assertThat(Durations.text(Duration.ofMillis(millis))).isEqualTo(text);
    }
}
