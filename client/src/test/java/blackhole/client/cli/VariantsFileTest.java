package blackhole.client.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blackhole.client.compare.Variant;
import blackhole.client.scenario.ScenarioException;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import blackhole.keepalive.SocketOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VariantsFileTest {

    @TempDir
    private Path directory;

    @Test
    void everySettingIsRead() throws IOException {
        List<Variant> variants = read("""
                # all of them
                as it is:
                  expect: stalled
                plain:
                the fix:
                  about: both
                  keepalive: on
                  keepalive-idle: 37s
                  keepalive-interval: 9s
                  keepalive-count: 3
                  user-timeout: 20s
                  refresher: on
                  refresher-every: 2s
                  kafka:
                    request.timeout.ms: 6000
                    acks: 1
                """);

        assertThat(variants).extracting(Variant::name).containsExactly("as it is", "plain", "the fix");
        assertThat(variants.get(0).socketOptions()).hasToString("keepalive=off user-timeout=off");
        assertThat(variants.get(0).expected().verdict()).isEqualTo(Verdict.STALLED);
        assertThat(variants.get(1).about()).isEqualTo("keepalive=off user-timeout=off");
        Variant fix = variants.get(2);
        assertThat(fix.about()).isEqualTo("both");
        assertThat(fix.socketOptions())
                .isEqualTo(SocketOptions.keepAlive(Duration.ofSeconds(37), Duration.ofSeconds(9), 3)
                        .withUserTimeout(Duration.ofSeconds(20)));
        assertThat(fix.refresherEvery()).isEqualTo(Duration.ofSeconds(2));
        assertThat(fix.producerProperties()).isEqualTo(Map.of("request.timeout.ms", "6000", "acks", "1"));
        assertThat(fix.expected().verdict()).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    keepalive                                | : no variants
                    "# nothing"                               | : no variants
                    {}                                       | : no variants
                    a:/  keepalive                           | : a: expected settings, such as 'keepalive: on'
                    a: "b                                    | :1: while scanning a quoted scalar: found unexpected end of stream
                    a:/  keepalive: maybe                    | : a: Invalid value for option '--keepalive': expected one of [on, off]
                    a:/  keep-alive: on                      | : a: unknown option --keep-alive=on; did you mean --keepalive?
                    a:/  keepalive-idle: 2s                  | : a: the keepalive timers have no effect without keepalive: on
                    a:/  refresher-every: 2s                 | : a: refresher-every has no effect without refresher: on
                    a:/  keepalive: on/  keepalive-idle: 1500ms | : a: --keepalive-idle must be whole seconds
                    a:/  user-timeout: 20                    | : a: Invalid value for option '--user-timeout': '20' has no unit
                    a:/  user-timeout: [20s]                 | : a: user-timeout: expected a single value
                    a:/  keepalive: on/  keepalive-count: x  | : a: Invalid value for option '--keepalive-count': 'x' is not an int
                    a:/  expect: FINE                        | : a: Invalid value for option '--expect': expected one of [IMMEDIATE
                    a:/  expect: LOST/  expect: LOST         | :3: Duplicate field 'expect'
                    a:/a:                                    | :2: Duplicate field 'a'
                    a:/  kafka:/    ack: 1                   | : a: unknown setting 'ack' of Kafka's producer
                    """, quoteCharacter = '`')
    void mistakeIsReportedWithItsLineOrVariant(String text, String reason) {
        assertThatThrownBy(() -> read(text.replace("/", "\n")))
                .isInstanceOf(ScenarioException.class)
                .hasMessageStartingWith("--variants " + directory.resolve("variants.yaml") + reason);
    }

    @Test
    void settingThatKafkaRejectsIsReportedWithItsVariant() throws IOException {
        Variant variant = read("a b: {kafka: {acks: 2}}").get(0);
        ScenarioSettings base = ScenarioSettings.builder("127.0.0.1:1", "t").build();

        assertThatThrownBy(() -> variant.over(base))
                .isInstanceOf(ScenarioException.class)
                .hasMessageStartingWith("variant \"a b\": --acks: Invalid value 2");
    }

    @Test
    void missingFileIsReported() {
        assertThatThrownBy(() -> VariantsFile.read(directory.resolve("none")))
                .isInstanceOf(ScenarioException.class)
                .hasMessageEndingWith("none: no such file");
    }

    private List<Variant> read(String text) throws IOException {
        return VariantsFile.read(Files.writeString(directory.resolve("variants.yaml"), text));
    }
}
