package blackhole.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.client.scenario.Verdict;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandLineTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void mistakesAreReportedInOneLineThatNamesTheOption() {
        refused("unknown option --nonsense", "--nonsense");
        refused("unknown option --idel; did you mean --idle?", "--idel", "5s");
        refused("'--idle': '300' has no unit", "--idle", "300");
        refused("--keepalive-idle must be whole seconds", "--keepalive-idle", "1500ms");
        refused("--keepalive-count must be from 1 to 127", "--keepalive-count", "200");
        refused("'--user-timeout': '20' has no unit", "--user-timeout", "20");
        refused("5m or 1500ms, or off", "--user-timeout", "on");
        refused("'--keepalive'", "--keepalive", "maybe");
        refused("'--expect'", "--expect", "FINE");
        refused("--command-config /nowhere.properties: no such file", "--command-config", "/nowhere.properties");
        refused("--burst-size must be at least 1", "--burst-size", "0");
        refused("--delivery-timeout (1000ms)", "--delivery-timeout", "1s");
    }

    @Test
    void unusableTokenFileIsReportedByItsOption(@TempDir Path directory) throws IOException {
        String two = Files.writeString(directory.resolve("two"), "open sesame").toString();
        String[] admin = {"--proxy-admin", "http://127.0.0.1:1", "--proxy-admin-token-file"};

        refused("--proxy-admin-token-file needs --proxy-admin", "--proxy-admin-token-file", two);
        refused("--proxy-admin-token-file /nowhere: no such file", admin[0], admin[1], admin[2], "/nowhere");
        refused(two + ": must contain only the token", admin[0], admin[1], admin[2], two);
        assertThat(err.toString()).doesNotContain("sesame");
    }

    @Test
    void mistakesOfTheMeasurementAreReported() {
        String command = "measure-idle-timeout";
        assertThat(mistake(command)).contains("'--server=HOST:PORT'");
        assertThat(mistake(command, "--server", "broker")).contains("--server broker: not HOST:PORT");
        assertThat(mistake(command, "--server", "127.0.0.1:1", "--shortest", "1ms"))
                .contains("--shortest must be at least 100ms");
        assertThat(mistake(command, "--server", "127.0.0.1:1", "--shortest", "2h"))
                .contains("--longest (60m) must be longer than --shortest (120m)");
    }

    @Test
    void idleTimeCloseToTheIdleTimeoutIsWarnedOf() {
        Duration box = Duration.ofMinutes(5);

        assertThat(ScenarioCommand.tooClose(box, box))
                .hasValueSatisfying(warning -> assertThat(warning).contains("(5m)", "within 5%", "use --idle 7m"));
        assertThat(ScenarioCommand.tooClose(Duration.ofSeconds(286), box)).isPresent();
        assertThat(ScenarioCommand.tooClose(Duration.ofSeconds(316), box)).isEmpty();
        assertThat(ScenarioCommand.tooClose(Duration.ofSeconds(284), box)).isEmpty();
    }

    @Test
    void missingOptionsAndCommandAreReported() {
        for (String command : List.of("run", "compare")) {
            assertThat(mistake(command))
                    .contains("--bootstrap-server (or CC_BOOTSTRAP_HOST) and --topic (or CC_TOPIC)");
        }
        assertThat(mistake()).contains("no command; use run, compare or measure-idle-timeout");
    }

    @Test
    void environmentFileReplacesTheRequiredOptions(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("incident.env");
        Files.writeString(file, "CC_BOOTSTRAP_HOST=127.0.0.1\nKAFKA_CLUSTER_PORT=1\nCC_TOPIC=t\nBURST_SIZE=0\n");

        assertThat(mistake("run", "--env-file", file.toString()))
                .contains("BURST_SIZE must be a number, at least 1, not '0'");
        // An option overrides the variable, which is then not checked.
        assertThat(mistake("run", "--env-file", file.toString(), "--burst-size", "0"))
                .contains("--burst-size must be at least 1, not 0")
                .doesNotContain("BURST_SIZE");
        assertThat(mistake("run", "--env-file", directory.resolve("none").toString()))
                .contains("none: no such file");
    }

    @Test
    void helpHasExamplesAndEveryVerdict() {
        assertThat(execute("run", "--help")).isZero();

        assertThat(out.toString())
                .contains("CC_BOOTSTRAP_HOST", "KAFKA_CLUSTER_PORT", "CC_API_KEY", "CC_API_SECRET", "CC_TOPIC")
                .contains("BURST_SIZE", "IDLE_SECS", "REPEATS", "ENABLE_REFRESHER", "--env-file=FILE");
        assertThat(out.toString()).contains("Examples (", "Exit codes:", "--create-topic 3");
        assertThat(out.toString())
                .contains(Stream.of(Verdict.values()).map(Enum::name).toList());
    }

    @Test
    void bothCommandsHaveTheSharedOptions() {
        for (String command : List.of("run", "compare")) {
            out.getBuffer().setLength(0);
            assertThat(execute(command, "--help")).isZero();
            assertThat(out.toString())
                    .as(command)
                    .contains("--env-file=FILE", "--bootstrap-server=HOST:PORT", "--topic=TOPIC", "--create-topic=")
                    .contains("--burst-size=N", "--repeats=N", "--seed=N", "--idle=DURATION", "--request-timeout=")
                    .contains("--command-config=FILE", "--report=FILE.html", "--proxy-admin=URL", "--output=text|json")
                    .contains("--proxy-admin-token-file=FILE");
        }
    }

    private void refused(String message, String... extra) {
        String[] required = {"run", "--bootstrap-server", "127.0.0.1:1", "--topic", "t"};

        assertThat(mistake(Stream.of(required, extra).flatMap(Stream::of).toArray(String[]::new)))
                .contains(message);
    }

    private String mistake(String... arguments) {
        err.getBuffer().setLength(0);
        assertThat(execute(arguments)).isEqualTo(2);
        assertThat(err.toString()).startsWith("blackhole-client: ").hasLineCount(1);
        return err.toString();
    }

    private int execute(String... arguments) {
        return ClientMain.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
