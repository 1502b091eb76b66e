package blackhole.client.cli;

import blackhole.client.scenario.ScenarioException;
import blackhole.keepalive.SocketOptions;
import blackhole.keepalive.Times;
import java.time.Duration;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Options of the producer's sockets. */
final class SocketFlags {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--keepalive",
            paramLabel = "on|off",
            defaultValue = "off",
            description =
                    "TCP keepalive on the producer's sockets only. off means really off, although kafka-clients turns it"
                            + " on with the system's 2h timer. Default: ${DEFAULT-VALUE}")
    private OnOff keepAlive = OnOff.off;

    @Option(
            names = "--keepalive-idle",
            paramLabel = "TIME",
            defaultValue = "37s",
            description = "TCP_KEEPIDLE, whole seconds; must be below the middlebox's idle timeout. Default:"
                    + " ${DEFAULT-VALUE}")
    private Duration idle = Duration.ZERO;

    @Option(
            names = "--keepalive-interval",
            paramLabel = "TIME",
            defaultValue = "9s",
            description = "TCP_KEEPINTVL, whole seconds. Default: ${DEFAULT-VALUE}")
    private Duration interval = Duration.ZERO;

    @Option(
            names = "--keepalive-count",
            paramLabel = "N",
            defaultValue = "3",
            description = "TCP_KEEPCNT. Default: ${DEFAULT-VALUE}")
    private int count;

    @Option(
            names = "--user-timeout",
            paramLabel = "TIME|off",
            defaultValue = "off",
            converter = TimeOrOff.class,
            description = "TCP_USER_TIMEOUT: how long sent data may stay unacknowledged before the kernel ends the"
                    + " connection (Linux). Default: ${DEFAULT-VALUE}")
    private @Nullable Duration userTimeout;

    /** Returns whether keepalive timers were given although keepalive is off. */
    boolean hasUselessTimers() {
        return keepAlive == OnOff.off
                && Stream.of("--keepalive-idle", "--keepalive-interval", "--keepalive-count")
                        .anyMatch(spec.commandLine().getParseResult()::hasMatchedOption);
    }

    /** @throws ScenarioException if a value is outside the kernel's range */
    SocketOptions options() {
        try {
            return new SocketOptions(keepAlive == OnOff.on, idle, interval, count, userTimeout);
        } catch (IllegalArgumentException e) {
            throw new ScenarioException("--" + e.getMessage(), e);
        }
    }

    static final class TimeOrOff implements ITypeConverter<Duration> {
        @Override
        public @Nullable Duration convert(String text) {
            try {
                return text.trim().equalsIgnoreCase("off") ? null : Times.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage() + ", or off");
            }
        }
    }
}
