package blackhole.client.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import blackhole.client.scenario.ScenarioException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.JaasContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentTest {

    @TempDir
    private Path directory;

    @Test
    void emptyVariablesCountAsUnset() {
        Environment environment = new Environment(Map.of("CC_API_KEY", "", "CC_TOPIC", "  "));

        assertThat(environment.bootstrapServer()).isEmpty();
        assertThat(environment.topic()).isEmpty();
        assertThat(environment.burstSize()).isEmpty();
        assertThat(environment.idle()).isEmpty();
        assertThat(environment.repeats()).isEmpty();
        assertThat(environment.refresher()).isEmpty();
        assertThat(environment.security()).isEmpty();
    }

    @Test
    void everyVariableIsRead() {
        Environment environment = new Environment(Map.of(
                "CC_BOOTSTRAP_HOST", "pkc-1234.eu-west-1.aws.confluent.cloud",
                "KAFKA_CLUSTER_PORT", "9093",
                "CC_TOPIC", "orders",
                "BURST_SIZE", "7",
                "IDLE_SECS", "0",
                "REPEATS", "3",
                "ENABLE_REFRESHER", "FALSE"));

        assertThat(environment.bootstrapServer()).contains("pkc-1234.eu-west-1.aws.confluent.cloud:9093");
        assertThat(environment.topic()).contains("orders");
        assertThat(environment.burstSize()).contains(7);
        assertThat(environment.idle()).contains(Duration.ZERO);
        assertThat(environment.repeats()).contains(3);
        assertThat(environment.refresher()).contains(false);
    }

    @ParameterizedTest
    @CsvSource({"broker,broker:9092", "127.0.0.1,127.0.0.1:9092", "[::1],[::1]:9092"})
    void portDefaultsToKafkas(String host, String server) {
        assertThat(new Environment(Map.of("CC_BOOTSTRAP_HOST", host)).bootstrapServer())
                .contains(server);
    }

    @ParameterizedTest
    @ValueSource(strings = {"secret", "quote\"inside", "back\\slash\\", "semi;colon = and spaces", "'#$%{}", "тайна"})
    void keyAndSecretReachKafkaUnchanged(String secret) {
        Map<String, String> security = new Environment(Map.of("CC_API_KEY", "key", "CC_API_SECRET", secret)).security();

        assertThat(security).containsEntry("security.protocol", "SASL_SSL").containsEntry("sasl.mechanism", "PLAIN");
        Map<String, ?> options = JaasContext.loadClientContext(
                        Map.of("sasl.jaas.config", new Password(security.get("sasl.jaas.config"))))
                .configurationEntries()
                .get(0)
                .getOptions();
        assertThat(options.get("username")).isEqualTo("key");
        assertThat(options.get("password")).isEqualTo(secret);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "BURST_SIZE|many|BURST_SIZE must be a number, at least 1, not 'many'",
                "BURST_SIZE|0|BURST_SIZE must be a number, at least 1, not '0'",
                "REPEATS|0|REPEATS must be a number, at least 1, not '0'",
                "IDLE_SECS|7m|IDLE_SECS must be a number, whole seconds, not '7m'",
                "ENABLE_REFRESHER|maybe|ENABLE_REFRESHER must be true or false, not 'maybe'",
                "KAFKA_CLUSTER_PORT|70000|KAFKA_CLUSTER_PORT must be a number, a port, not '70000'",
                "CC_BOOTSTRAP_HOST|broker:9092|CC_BOOTSTRAP_HOST must be only a host name, such as"
                        + " pkc-1234.confluent.cloud; set the port with KAFKA_CLUSTER_PORT",
                "CC_API_KEY|key|CC_API_KEY is set and CC_API_SECRET is not; set both, or neither for a broker without"
                        + " security",
                "CC_API_SECRET|hush|CC_API_SECRET is set and CC_API_KEY is not; set both, or neither for a broker"
                        + " without security"
            })
    void mistakesNameTheVariable(String name, String value, String message) {
        Map<String, String> values =
                name.equals("KAFKA_CLUSTER_PORT") ? Map.of(name, value, "CC_BOOTSTRAP_HOST", "b") : Map.of(name, value);
        Environment environment = new Environment(values);

        assertThatExceptionOfType(ScenarioException.class)
                .isThrownBy(() -> {
                    environment.bootstrapServer();
                    environment.burstSize();
                    environment.repeats();
                    environment.idle();
                    environment.refresher();
                    environment.security();
                })
                .withMessage(message)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hush"));
    }

    @Test
    void variablesAreNamedIfNoBrokerResponds() {
        String message = "--bootstrap-server broker:9092: no answer within 15s; is a Kafka broker behind it?";

        assertThat(Environment.inTermsOfVariables(message, false, false, true))
                .isEqualTo(message + " (CC_API_KEY makes it SASL_SSL unless --command-config says otherwise)");
        assertThat(Environment.inTermsOfVariables(message, true, false, false))
                .isEqualTo("CC_BOOTSTRAP_HOST broker:9092: no answer within 15s; is a Kafka broker behind it?");
    }

    @Test
    void secretWithALineBreakIsRejectedWithoutShowingIt() {
        assertThatExceptionOfType(ScenarioException.class)
                .isThrownBy(() -> new Environment(Map.of("CC_API_KEY", "key", "CC_API_SECRET", "hu\nsh")).security())
                .withMessage("CC_API_SECRET contains a control character, such as a line break");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n"})
    void fileHasCommentsQuotesAndExport(String endOfLine) throws IOException {
        Path file = file("""
                \uFEFF# the incident's
                CC_TOPIC=orders   # not this

                export CC_API_KEY = 'its'
                A='single # $HOME \\n'
                B="double \\"quoted\\" \\\\ # $HOME" # but not this
                C=a#b
                D=
                E="" # nothing
                  F=spaces inside\s\s
                CC_TOPIC=later
                """.replace("\n", endOfLine));

        assertThat(EnvFile.read(file))
                .containsEntry("CC_TOPIC", "later")
                .containsEntry("CC_API_KEY", "its")
                .containsEntry("A", "single # $HOME \\n")
                .containsEntry("B", "double \"quoted\" \\ # $HOME")
                .containsEntry("C", "a#b")
                .containsEntry("D", "")
                .containsEntry("E", "")
                .containsEntry("F", "spaces inside")
                .hasSize(8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "hush hush|line 2: not KEY=VALUE",
                "CC_API_SECRET='hush|line 2: CC_API_SECRET has no closing quote, or something after it",
                "CC_API_SECRET=\"hush\" hush|line 2: CC_API_SECRET has no closing quote, or something after it"
            })
    void mistakesInTheFileAreReportedWithoutTheirText(String line, String message) throws IOException {
        Path file = file("A=1\n" + line + "\n");

        assertThatExceptionOfType(ScenarioException.class)
                .isThrownBy(() -> EnvFile.read(file))
                .withMessage("--env-file " + file + " " + message);
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("test.env"), text);
    }
}
