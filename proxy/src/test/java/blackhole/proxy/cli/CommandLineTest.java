package blackhole.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.config.Setting;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class CommandLineTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final CommandLine commandLine =
            ProxyMain.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

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
                "--route 0=127.0.0.1:9 --idle-timeout 300  | --idle-timeout",
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
    void misspeltOptionOrProfileIsAnsweredWithTheOneMeant() {
        commandLine.execute("--route", "0=127.0.0.1:9", "--idle-timout", "3s");
        commandLine.execute("--route", "0=127.0.0.1:9", "--profile", "aws-nat");

        assertThat(err.toString())
                .contains("unknown option --idle-timout; did you mean --idle-timeout?")
                .contains("did you mean aws-nat-gateway?");
    }

    @Test
    void bareNumberIsAnsweredWithTheUnitsThereAre() {
        commandLine.execute("--route", "0=127.0.0.1:9", "--idle-timeout", "300");

        assertThat(err.toString()).contains("--idle-timeout: '300' has no unit; use 300s, 300ms or 300m");
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
}
