package blackhole.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The options that take their values from elsewhere: {@code --profile}, {@code --profiles-file}, {@code @FILE}. */
class ProfilesAndFilesTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    private int run(String... arguments) {
        return ProxyMain.run(
                ProxyMain.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err, true)), arguments);
    }

    @Test
    void profilesAreListedAsTable() {
        int exitCode = run("--list-profiles");

        assertThat(exitCode).isZero();
        assertThat(out.toString().lines()).hasSize(15);
        assertThat(out.toString().lines().findFirst().orElseThrow())
                .matches("NAME +IDLE TIMEOUT +ON EXPIRY +KEEPALIVE REFRESHES +RANGE +SOURCE");
        assertThat(out.toString())
                .containsPattern("aws-nlb +350s +reset-client +yes +1m to 100m +AWS Network Load Balancer guide")
                .containsPattern("envoy +1h +close-both +no +- +Envoy documentation");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void listHoldsTheUsersOwnProfiles() throws IOException {
        Path file = file("boxes.yaml", "mine:\n  idle-timeout: 7s\n  source: our wiki\n");

        int exitCode = run("--profiles-file", file.toString(), "--list-profiles");

        assertThat(exitCode).isZero();
        assertThat(out.toString()).containsPattern("mine +7s +drop +yes +- +our wiki");
    }

    @Test
    void badProfilesFileIsRefusedEvenWhenUnused() throws IOException {
        Path file = file("boxes.yaml", "mine:\n  idle-timeout: 7\n");

        int exitCode = run("--route", "0=none", "--profiles-file", file.toString());

        assertThat(exitCode).isEqualTo(2);
        assertThat(err.toString())
                .isEqualTo("blackhole-proxy: --profiles-file: " + file
                        + ":2: idle-timeout: '7' has no unit; use 7s, 7ms or 7m (try --help)" + System.lineSeparator());
    }

    @Test
    void optionsThatDoNotFitTheProfileAreRefused() {
        int exitCode = run("--route", "0=none", "--profile", "aws-nlb", "--direction", "client-to-upstream");

        assertThat(exitCode).isEqualTo(2);
        assertThat(err.toString())
                .contains("--direction: client-to-upstream requires on-expiry drop, not reset-client");
    }

    @Test
    void argumentFileHoldsOptionsAndCommentsAndTheCommandLineWins() throws IOException {
        Path file = file("proxy.args", """
                # The office VPN.
                --route 0=none
                --idle-timeout 10m --on-expiry=reset-both
                """);

        CommandLine.ParseResult parsed = ProxyMain.commandLine().parseArgs("@" + file, "--idle-timeout", "3s");

        assertThat(parsed.matchedOption("--idle-timeout").stringValues()).last().isEqualTo("3s");
        assertThat(parsed.matchedOption("--on-expiry").stringValues()).containsExactly("reset-both");
        assertThat(parsed.matchedOption("--route").stringValues()).containsExactly("0=none");
    }

    @Test
    void argumentFileThatCannotBeReadIsRefusedInOneLine() {
        Path missing = directory.resolve("missing.args");

        int exitCodeForMissing = run("@" + missing);
        int exitCodeForDirectory = run("@" + directory);

        assertThat(exitCodeForMissing).isEqualTo(2);
        assertThat(exitCodeForDirectory).isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactly(
                        "blackhole-proxy: argument file " + missing + " does not exist",
                        "blackhole-proxy: argument file " + directory + " is a directory");
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }
}
