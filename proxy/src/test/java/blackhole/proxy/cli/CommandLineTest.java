package blackhole.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.config.Setting;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class CommandLineTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final CommandLine commandLine =
            ProxyMain.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err, true));

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--frobnicate                              | --frobnicate",
                "--route 0=127.0.0.1:9 extra               | extra",
                "''                                        | --route",
                "--route 9092                              | --route",
                "--route 0=broker                          | --route",
                "--route 0=::1:9092                        | --route",
                "--route                                   | --route",
                "--route 9092=localhost:9092               | --route",
                "--route 0.0.0.0:9092=127.0.0.1:9092       | --route",
                "--route 0=127.0.0.1:9 --admin 0.0.0.0:0   | --admin-token-file",
                "--route 0=127.0.0.1:9 --profiles-file /no | --profiles-file",
                "--route 0=none --idle-timeout 300         | --idle-timeout: '300' has no unit; use 300s, 300ms or 300m",
                "--route 0=none --idle-timout 3s           | unknown option --idle-timout; did you mean --idle-timeout?",
                "--route 0=none --profile aws-nat          | did you mean aws-nat-gateway?",
                "--route 0=none --profile aws-nlb --direction client-to-upstream"
                        + " | --direction: client-to-upstream requires on-expiry drop, not reset-client",
                "--route 0=127.0.0.1:9 --max-tombstones -1 | --max-tombstones",
                "--route 0=127.0.0.1:9 --on-expiry explode | --on-expiry",
                "--route 0=127.0.0.1:9 --log-format xml    | --log-format",
                "--route 0=127.0.0.1:9 --connect-timeout 0s | --connect-timeout",
                "--route 0=127.0.0.1:9 --connect-timeout 2h | --connect-timeout",
                "--route 0=127.0.0.1:9 --admin-token-file x | --admin-token-file",
                "replay run.jsonl --admin-token-file /none | /none does not exist",
                "--route 0=none --admin 0.0.0.0:0          | can be reached from other machines; add --admin-token-file",
                "--route 0=none --admin nowhere.invalid:0  | nowhere.invalid:0: the name nowhere.invalid can't be resolved",
                "--route 0=none --admin port               | Invalid value for option '--admin': 'port' is not a port",
                "--route 0=none --admin-token-file token   | requires --admin",
                "--route 0=none --admin 0 --admin-token-file missing | missing does not exist",
                "--kafka broker:9092                       | --kafka",
                "--kafka 0=none                            | --kafka: 127.0.0.1:0=none: needs a bootstrap server",
                "--kafka 0=b:9 --kafka-ports 19093         | --kafka-ports': '19093' is not a range; use FIRST-LAST",
                "--kafka 0=b:9 --kafka-ports 2-1           | --kafka-ports': 2-1 is not a range of 1 to 1000 ports",
                "--kafka 0=b:9 --kafka 0=c:9 --kafka-ports 1-2 | --kafka-ports: works with one --kafka only, not with 2",
                "--route 0=none --advertise here           | --advertise: requires --kafka",
                "--route 0=none --upstream-tls             | --upstream-tls: requires --kafka",
                "--kafka 0=b:9 --upstream-tls-config x     | --upstream-tls-config: requires --upstream-tls",
                "--kafka 0=b:9 --upstream-tls --upstream-tls-config /no | --upstream-tls-config: '/no' does not exist",
                "--transparent http                        | --transparent",
                "--transparent ::1:15001                   | --transparent",
                "--transparent 0=broker:9092               | --transparent",
                "redirect --to 15001 --exempt-uid 1         | --ports is missing",
                "redirect --ports , --to 15001             | --ports",
                "redirect --ports 0 --to 15001             | --ports': '0' in '0' is not a port from 1 to 65535",
                "redirect --ports 9092,http --to 15001     | --ports': 'http' in '9092,http' is not a port",
                "redirect --ports 9092 --exempt-uid 1      | --to needs the one port",
                "redirect --ports 9092 --to 9092 --only-gid 7 | --to: 9092 is also one of --ports",
                "redirect --ports 9092 --to 15001          | --exempt-uid or --only-gid is missing",
                "redirect --ports 9092 --to 15001 --only-gid -7 | --only-gid: -7 is not between",
                "redirect --ports 9092 --to 15001 --exempt-uid me | --exempt-uid",
                "replay run.jsonl --speed 0                | --speed",
                "--route 0=127.0.0.1:9 --rou 1=127.0.0.1:9  | --rou",
            })
    void mistakeInTheOptionsIsOneLineThatNamesTheOption(String arguments, String option) {
        int exitCode = commandLine.execute(Arrays.stream(arguments.split(" "))
                .filter(word -> !word.isEmpty())
                .toArray(String[]::new));

        assertThat(exitCode).isEqualTo(2);
        assertThat(err.toString().lines()).singleElement().satisfies(line -> assertThat(line)
                .startsWith("blackhole-proxy: ")
                .contains(option)
                .doesNotContain("Exception"));
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void helpShowsEveryOptionAndExamples() {
        int exitCode = commandLine.execute("--help");

        assertThat(exitCode).isZero();
        assertThat(err.toString()).isEmpty();
        assertThat(commandLine.getCommandSpec().options())
                .extracting(OptionSpec::longestName)
                .allSatisfy(option -> assertThat(out.toString()).contains(option));
        assertThat(out.toString()).contains("Examples:", "--route 19092=127.0.0.1:9092", "[@FILE]");
        assertThat(Setting.ALL).allSatisfy(setting -> assertThat(out.toString().replaceAll("\\s+", " "))
                .contains("--" + setting.name() + "=" + setting.type().label() + " " + setting.summary()));
    }

    @Test
    void helpOfReplaySaysThatItsPageIsAlwaysServed() {
        int exitCode = commandLine.execute("replay", "--help");

        assertThat(exitCode).isZero();
        assertThat(out.toString().replaceAll("\\s+", " "))
                .contains("--admin=[HOST:]PORT", "any free port", "--admin-token-file=FILE", "--speed")
                .doesNotContain("default: off");
    }

    @Test
    void versionIsShown() {
        assertThat(commandLine.execute("--version")).isZero();

        assertThat(out.toString()).startsWith("blackhole-proxy ");
    }

    @Test
    void profilesAreListedAsTable() {
        int exitCode = ProxyMain.run(commandLine, "--list-profiles");

        assertThat(exitCode).isZero();
        assertThat(out.toString().lines()).hasSize(19);
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

        int exitCode = ProxyMain.run(commandLine, "--profiles-file", file.toString(), "--list-profiles");

        assertThat(exitCode).isZero();
        assertThat(out.toString()).containsPattern("mine +7s +drop +yes +- +our wiki");
    }

    @Test
    void badProfilesFileIsRefusedEvenWhenUnused() throws IOException {
        Path file = file("boxes.yaml", "mine:\n  idle-timeout: 7\n");

        int exitCode = ProxyMain.run(commandLine, "--route", "0=none", "--profiles-file", file.toString());

        assertThat(exitCode).isEqualTo(2);
        assertThat(err.toString())
                .isEqualTo("blackhole-proxy: --profiles-file: " + file
                        + ":2: idle-timeout: '7' has no unit; use 7s, 7ms or 7m (try --help)" + System.lineSeparator());
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

        int exitCodeForMissing = ProxyMain.run(commandLine, "@" + missing);
        int exitCodeForDirectory = ProxyMain.run(commandLine, "@" + directory);

        assertThat(exitCodeForMissing).isEqualTo(2);
        assertThat(exitCodeForDirectory).isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactly(
                        "blackhole-proxy: argument file " + missing + " does not exist",
                        "blackhole-proxy: argument file " + directory + " is a directory");
    }

    @Test
    void argumentFileWithAnUnclosedQuoteIsRefusedWithItsLine() throws IOException {
        Path file = file(
                "proxy.args", "# It's the office's.\n--route \"0=none\" --on-expiry 'drop'\n--record \"run's.jsonl\n");

        int exitCode = ProxyMain.run(commandLine, "--list-profiles", "@" + file);

        assertThat(exitCode).isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactly("blackhole-proxy: argument file " + file
                        + ", line 3: a quote is not closed; close it on the same line");
    }

    @Test
    void argumentFileThatIncludesItselfIsRefused() throws IOException {
        Path file = directory.resolve("one.args");
        Path other = file("two.args", "--idle-timeout 3s\n@" + file + "\n");
        Files.writeString(file, "--route 0=none @" + other + "\n");

        int exitCode = ProxyMain.run(commandLine, "--list-profiles", "@" + file);

        assertThat(exitCode).isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactly("blackhole-proxy: argument file " + file + " includes itself, through " + other);
    }

    @Test
    void argumentFileThatIncludesAMissingOneIsRefused() throws IOException {
        Path file = file("one.args", "--route 0=none\n@" + directory.resolve("missing.args"));

        int exitCode = ProxyMain.run(commandLine, "--list-profiles", "@" + file);

        assertThat(exitCode).isEqualTo(2);
        assertThat(err.toString()).contains("missing.args does not exist");
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }
}
