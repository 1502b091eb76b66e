package blackhole.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import blackhole.proxy.http.AdminRig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code --admin} on a process of its own, steered by a shell with curl. */
class CommandLineIT {
    private static final Pattern CONTROLLED = Pattern.compile("controlled at http://(127\\.0\\.0\\.1:\\d+)/");
    private static final Pattern LISTENING = Pattern.compile("listening on 127\\.0\\.0\\.1:(\\d+)");
    private static final Pattern SHOWN = Pattern.compile("is shown at http://(127\\.0\\.0\\.1:\\d+)/");
    private static final String RECORDING = "{\"type\":\"recording\",\"version\":1,\"at\":\"2026-11-23T10:00:00Z\","
            + "\"outage\":false,\"middlebox\":{},\"routes\":[]}\n";
    private static final Path SCRIPT = Path.of("src/test/resources/steer-with-curl.sh");
    private static final Path REFERENCE = Path.of("../docs/http-api.md");

    @TempDir
    private Path directory;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void endProcesses() throws InterruptedException {
        for (Process process : processes) {
            process.destroy();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    private Path run(String... command) throws IOException {
        Path output = Files.createTempFile(directory, "output", ".txt");
        processes.add(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start());
        return output;
    }

    private Path runProxy(String... options) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1"));
        command.addAll(ProxyProcess.nativeAccess());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "blackhole.proxy.cli.ProxyMain"));
        command.addAll(List.of(options));
        return run(command.toArray(String[]::new));
    }

    private static Matcher awaitLine(Path output, Pattern line) {
        return await().atMost(AdminRig.PATIENCE).until(() -> line.matcher(Files.readString(output)), Matcher::find);
    }

    private int exitCode() throws InterruptedException {
        Process last = processes.get(processes.size() - 1);
        assertThat(last.waitFor(AdminRig.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        return last.exitValue();
    }

    @Test
    void aShellSteersItWithCurlAlone() throws Exception {
        try (ServerSocket upstream = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Path log = runProxy("--route", "0=127.0.0.1:" + upstream.getLocalPort(), "--admin", "0");
            String admin = awaitLine(log, CONTROLLED).group(1);
            int port = Integer.parseInt(awaitLine(log, LISTENING).group(1));
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                client.setSoTimeout((int) AdminRig.PATIENCE.toMillis());
                awaitLine(log, Pattern.compile("flow \\d+ opened: .*:" + client.getLocalPort() + " "));

                Path output = run("bash", SCRIPT.toString(), admin, "127.0.0.1");

                assertThat(exitCode()).as(Files.readString(output)).isZero();
                assertThat(Files.readString(output))
                        .contains(
                                "\"idleTimeout\":\"30s\"",
                                "\"cause\":\"command\"",
                                "{\"on\":true}",
                                "{\"on\":false}",
                                "event: flow-healed");
            }
        }
    }

    @Test
    void theReferenceShowsThatScript() throws IOException {
        String script = Files.readString(SCRIPT, StandardCharsets.UTF_8);

        assertThat(Files.readString(REFERENCE, StandardCharsets.UTF_8)).contains(script);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2 | --admin 0.0.0.0:0 | --admin 0.0.0.0:0 can be reached from other machines; add --admin-token-file (try --help)",
                "2 | --admin nowhere.invalid:0 | --admin nowhere.invalid:0: the name nowhere.invalid can't be resolved (try --help)",
                "2 | --admin port | Invalid value for option '--admin': 'port' is not a port (try --help)",
                "2 | --admin-token-file token | --admin-token-file goes with --admin, which is not given (try --help)",
                "2 | --admin 0 --admin-token-file missing | --admin-token-file missing does not exist (try --help)",
            })
    void aMistakeIsOneLineThatNamesTheOption(int exitCode, String options, String message) throws Exception {
        List<String> all = new ArrayList<>(List.of("--route", "0=none"));
        all.addAll(List.of(options.split(" ")));

        Path output = runProxy(all.toArray(String[]::new));

        assertThat(exitCode()).isEqualTo(exitCode);
        assertThat(Files.readString(output)).isEqualTo("blackhole-proxy: " + message + "\n");
    }

    @Test
    void aTokenThatReplayCannotReadIsAMistakeInTheOptions() throws Exception {
        Path output = runProxy("replay", "run.jsonl", "--admin-token-file", "missing");

        assertThat(exitCode()).isEqualTo(2);
        assertThat(Files.readString(output))
                .isEqualTo("blackhole-proxy: --admin-token-file missing does not exist (try --help)\n");
    }

    @Test
    void aPortInUseEndsTheStart() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Path output = runProxy("--route", "0=none", "--admin", String.valueOf(taken.getLocalPort()));

            assertThat(exitCode()).isEqualTo(1);
            assertThat(Files.readString(output))
                    .startsWith("blackhole-proxy: --admin 127.0.0.1:" + taken.getLocalPort() + ": the port is in use")
                    .hasLineCount(1);
        }
    }

    @Test
    void theTokenIsTheFilesContent() throws Exception {
        Path token = Files.writeString(directory.resolve("token"), "secret-word\n");
        Path log = runProxy("--route", "0=none", "--admin", "0", "--admin-token-file", token.toString());
        String health = "http://" + awaitLine(log, CONTROLLED).group(1) + "/health";

        run("curl", "--silent", "--fail", health);
        assertThat(exitCode()).isNotZero();
        run("curl", "--silent", "--fail", "-H", "Authorization: Bearer secret-word", health);
        assertThat(exitCode()).isZero();
    }

    @Test
    void replayNeedsNoAddressForItsToken() throws Exception {
        Path token = Files.writeString(directory.resolve("token"), "secret-word\n");
        Path run = Files.writeString(directory.resolve("run.jsonl"), RECORDING);
        Path log = runProxy("replay", run.toString(), "--admin-token-file", token.toString());
        String routes = "http://" + awaitLine(log, SHOWN).group(1) + "/api/v1/routes";

        run("curl", "--silent", "--fail", routes);
        assertThat(exitCode()).isNotZero();
        run("curl", "--silent", "--fail", "-H", "Authorization: Bearer secret-word", routes);
        assertThat(exitCode()).isZero();
    }
}
