package blackhole.client.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blackhole.client.scenario.ScenarioException;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import blackhole.keepalive.SocketOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VariantsFileTest {

    @TempDir
    private Path directory;

    @Test
    void everySettingIsRead() throws IOException {
        List<Variant> variants = read(
                "# all of it",
                "[as it is]",
                "expect = stalled",
                "",
                "[the fix]",
                "about = both",
                "keepalive = on",
                "keepalive-idle = 37s",
                "keepalive-interval = 9s",
                "keepalive-count = 3",
                "user-timeout = 20s",
                "refresher = on",
                "refresher-every = 2s",
                "request.timeout.ms = 6000",
                "acks=1");

        assertThat(variants).hasSize(2);
        assertThat(variants.get(0).socketOptions()).isEqualTo(SocketOptions.OFF);
        assertThat(variants.get(0).expectation().ahead().verdict()).contains(Verdict.STALLED);
        Variant fix = variants.get(1);
        assertThat(fix.name()).isEqualTo("the fix");
        assertThat(fix.about()).isEqualTo("both");
        assertThat(fix.socketOptions())
                .isEqualTo(SocketOptions.keepAlive(Duration.ofSeconds(37), Duration.ofSeconds(9), 3)
                        .withUserTimeout(Duration.ofSeconds(20)));
        assertThat(fix.refresherEvery()).contains(Duration.ofSeconds(2));
        assertThat(fix.producerProperties())
                .containsEntry("request.timeout.ms", "6000")
                .containsEntry("acks", "1");
        assertThat(fix.expectation().ahead().verdict()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    keepalive = on                   | line 1: a setting before the first variant
                    [a]/keepalive                    | line 2: not NAME = VALUE
                    [a]/keepalive = maybe            | line 2: keepalive is on or off
                    [a]/keep-alive = on              | line 2: there is no setting 'keep-alive'; there are about, expect
                    [a]/keepalive-idle = 2s          | line 2: keepalive-idle does nothing without keepalive = on
                    [a]/keepalive=on/keepalive-idle=1500ms | line 3: keepalive-idle must be whole seconds
                    [a]/user-timeout = 20            | line 2: user-timeout: 20 has no unit
                    [a]/keepalive=on/keepalive-count=x | line 3: keepalive-count is a number
                    [a]/expect = FINE                | line 2: expect is one of IMMEDIATE
                    [a]/expect=LOST/expect=LOST      | line 3: expect is set already, on line 2
                    [a]/[a]                          | line 2: [a] is there already, on line 1
                    [a                               | line 1: a variant begins with [its name]
                    []                               | line 1: a variant begins with [its name]
                    # nothing                        | has no variant
                    """)
    void mistakeIsToldWithItsLine(String text, String reason) {
        assertThatThrownBy(() -> read(text.split("/")))
                .isInstanceOf(ScenarioException.class)
                .hasMessageStartingWith("--variants " + directory.resolve("variants"))
                .hasMessageContaining(reason);
    }

    @Test
    void settingThatKafkaRefusesIsToldWithItsVariant() throws IOException {
        Variant variant = read("[a b]", "acks = 2").get(0);
        ScenarioSettings base = ScenarioSettings.builder("127.0.0.1:1", "t").build();

        assertThatThrownBy(() -> variant.over(base))
                .isInstanceOf(ScenarioException.class)
                .hasMessageStartingWith("variant \"a b\": --acks: Invalid value 2");
    }

    @Test
    void fileThatIsNotThereIsSaid() {
        assertThatThrownBy(() -> VariantsFile.read(directory.resolve("none"), VariantsFileTest::time))
                .isInstanceOf(ScenarioException.class)
                .hasMessageEndingWith("none: no such file");
    }

    private List<Variant> read(String... lines) throws IOException {
        Path file = directory.resolve("variants");
        Files.write(file, List.of(lines));
        return VariantsFile.read(file, VariantsFileTest::time);
    }

    private static Duration time(String text) {
        if (text.matches("\\d+")) {
            throw new IllegalArgumentException(text + " has no unit");
        }
        return Duration.parse("PT" + text.replace("1500ms", "1.5s"));
    }
}
