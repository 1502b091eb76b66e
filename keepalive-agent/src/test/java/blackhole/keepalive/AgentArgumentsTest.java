package blackhole.keepalive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentArgumentsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|keepalive=on idle=37s interval=9s count=3 user-timeout=20s",
                "keepalive-idle=1m,keepalive-interval=5s,keepalive-count=4,user-timeout=1500ms"
                        + "|keepalive=on idle=60s interval=5s count=4 user-timeout=1500ms",
                "keepalive=on, user-timeout = off|keepalive=on idle=37s interval=9s count=3 user-timeout=off",
                "keepalive-idle=32767s,keepalive-interval=32767s,keepalive-count=127,user-timeout=1ms"
                        + "|keepalive=on idle=32767s interval=32767s count=127 user-timeout=1ms",
                "keepalive=off|keepalive=off user-timeout=20s",
                "user-timeout=off,keepalive=off|keepalive=off user-timeout=off"
            })
    void whatIsNotGivenIsTheDocumentedDefault(String arguments, String options) {
        assertThat(AgentArguments.parse(arguments).options()).hasToString(options);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "keepalive-idle=37|keepalive-idle: '37' has no unit; use 37s, 37ms or 37m",
                "keepalive-idle=1500ms|keepalive-idle must be whole seconds from 1s to 32767s, not 1500ms",
                "keepalive-interval=32768s|keepalive-interval must be whole seconds from 1s to 32767s, not 32768s",
                "keepalive-interval=soon|keepalive-interval: 'soon' is not a valid duration; use a unit, such as 300s, 5m or 1500ms",
                "keepalive-count=many|keepalive-count must be a number, not 'many'",
                "keepalive-count=200|keepalive-count must be from 1 to 127, not 200",
                "user-timeout=0s|user-timeout must be whole milliseconds from 1ms to 2147483647ms, not 0s",
                "keepalive=maybe|keepalive must be on or off, not 'maybe'",
                "keepalive=off,keepalive-count=3|keepalive-count has no effect with keepalive=off;"
                        + " remove one of them",
                "idle=37s|unknown option 'idle'; the options are keepalive, keepalive-idle, keepalive-interval,"
                        + " keepalive-count, user-timeout, log, quiet, help, scoped",
                "log=a,log=b|log was given twice",
                "quiet=yes|quiet must be true or false, not 'yes'",
                "nonsense|'nonsense' is not OPTION=VALUE, as in keepalive-idle=37s,user-timeout=20s",
                "user-timeout=20s,|'' is not OPTION=VALUE, as in keepalive-idle=37s,user-timeout=20s"
            })
    void mistakesAreNamed(String arguments, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AgentArguments.parse(arguments))
                .withMessage(message);
    }

    @Test
    void logIsOffUnlessAskedFor() {
        assertThat(AgentArguments.parse("").log()).isNull();
        assertThat(AgentArguments.parse("log=false").log()).isNull();
        assertThat(AgentArguments.parse("log=/tmp/a=b.log").log()).isEqualTo("/tmp/a=b.log");
    }

    @Test
    void usageNamesEveryOption() {
        assertThat(AgentArguments.USAGE)
                .contains("keepalive=", "keepalive-idle=", "keepalive-interval=", "keepalive-count=", "user-timeout=")
                .contains("log=", "quiet=", "help", "scoped", "37s", "9s", "20s");
    }
}
