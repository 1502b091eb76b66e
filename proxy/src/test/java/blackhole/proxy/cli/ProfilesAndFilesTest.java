package blackhole.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.config.OnExpiry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
                .isEqualTo("blackhole-proxy: --profiles-file " + file
                        + ":2: idle-timeout: '7' has no unit; write 7s or 7ms (try --help)" + System.lineSeparator());
    }

    @Test
    void unknownProfileIsRefusedInOneLine() {
        int exitCode = run("--route", "0=none", "--profile", "aws-nbl");

        assertThat(exitCode).isEqualTo(2);
        assertThat(err.toString())
                .startsWith("blackhole-proxy: --profile 'aws-nbl' is unknown; did you mean aws-nlb? there are ")
                .hasLineCount(1);
    }

    @Test
    void optionsThatDoNotFitTheProfileAreRefused() {
        int exitCode = run("--route", "0=none", "--profile", "aws-nlb", "--direction", "client-to-upstream");

        assertThat(exitCode).isEqualTo(2);
        assertThat(err.toString()).contains("--direction other than both goes with on-expiry drop alone");
    }

    @Test
    void argumentFileHoldsOptionsAndCommentsAndTheCommandLineWins() throws IOException {
        Path file = file("proxy.args", """
                # The office VPN.
                --route 0=none
                --idle-timeout 10m --on-expiry=reset-both
                """);

        CommandLine.ParseResult parsed = ProxyMain.commandLine().parseArgs("@" + file, "--idle-timeout", "3s");

        assertThat(parsed.matchedOptionValue("--idle-timeout", Duration.ZERO)).isEqualTo(Duration.ofSeconds(3));
        assertThat(parsed.matchedOptionValue("--on-expiry", OnExpiry.DROP)).isEqualTo(OnExpiry.RESET_BOTH);
        assertThat(parsed.matchedOption("--route").stringValues()).containsExactly("0=none");
    }

    @Test
    void mistakeInAnArgumentFileIsTheSameAsOnTheCommandLine() throws IOException {
        Path file = file("proxy.args", "--route 0=none\n--idle-timeout 10\n");

        int exitCode = run("@" + file);

        assertThat(exitCode).isEqualTo(2);
        assertThat(err.toString()).contains("'10' has no unit").hasLineCount(1);
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

    @Test
    void helpShowsAnArgumentFile() {
        int exitCode = run("--help");

        assertThat(exitCode).isZero();
        assertThat(out.toString())
                .contains("[@FILE]", "@proxy.args", "--profile=NAME", "--profiles-file=FILE", "--list-profiles");
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }
}
