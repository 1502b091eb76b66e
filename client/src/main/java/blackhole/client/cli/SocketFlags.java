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
                    "Set TCP keepalive on the producer's sockets only; off disables it explicitly, because kafka-clients"
                            + " enables it (default: ${DEFAULT-VALUE}).")
    private OnOff keepAlive = OnOff.off;

    @Option(
            names = "--keepalive-idle",
            paramLabel = "DURATION",
            defaultValue = "37s",
            description = "Set TCP_KEEPIDLE, in whole seconds; must be below the middlebox's idle timeout (default:"
                    + " ${DEFAULT-VALUE}).")
    private Duration idle = Duration.ZERO;

    @Option(
            names = "--keepalive-interval",
            paramLabel = "DURATION",
            defaultValue = "9s",
            description = "Set TCP_KEEPINTVL, in whole seconds (default: ${DEFAULT-VALUE}).")
    private Duration interval = Duration.ZERO;

    @Option(
            names = "--keepalive-count",
            paramLabel = "N",
            defaultValue = "3",
            description = "Set TCP_KEEPCNT (default: ${DEFAULT-VALUE}).")
    private int count;

    @Option(
            names = "--user-timeout",
            paramLabel = "DURATION|off",
            defaultValue = "off",
            converter = DurationOrOff.class,
            description = "Set TCP_USER_TIMEOUT: how long sent data may stay unacknowledged before the kernel ends the"
                    + " connection (Linux; default: ${DEFAULT-VALUE}).")
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

    static final class DurationOrOff implements ITypeConverter<Duration> {
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
