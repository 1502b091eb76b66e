package blackhole.client.cli;

import blackhole.keepalive.Times;
import java.time.Duration;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code java -jar blackhole-client.jar}. */
@Command(
        name = "blackhole-client",
        mixinStandardHelpOptions = true,
        versionProvider = ClientVersion.class,
        description = "Show how an expired TCP flow stalls a Kafka producer, and what fixes that.",
        subcommands = {RunCommand.class, CompareCommand.class, MeasureIdleTimeoutCommand.class},
        footer = {
            "",
            "See 'blackhole-client run --help' for the scenario, its options and examples,",
            "'blackhole-client compare --help' for several producers side by side,",
            "'blackhole-client measure-idle-timeout --help' for your own middlebox."
        })
public final class ClientMain implements Runnable {

    private static final String LOGBACK_FILE = "logback.configurationFile";

    @Spec
    private CommandSpec spec;

    ClientMain() {}

    public static void main(String[] arguments) {
        // Not logback.xml, which would conflict with the proxy's if both are on the class path.
        if (System.getProperty(LOGBACK_FILE) == null) {
            System.setProperty(LOGBACK_FILE, "blackhole-client-logback.xml");
        }
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return configured(new ClientMain())
                .setUsageHelpAutoWidth(true)
                .setUsageHelpLongOptionsMaxWidth(34)
                .setParameterExceptionHandler((mistake, arguments) -> {
                    String line = oneLine(message(mistake));
                    mistake.getCommandLine()
                            .getErr()
                            .println("blackhole-client: " + line + " (see "
                                    + mistake.getCommandLine().getCommandSpec().qualifiedName() + " --help)");
                    return CommandLine.ExitCode.USAGE;
                });
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command; use run, compare or measure-idle-timeout");
    }

    /** Returns a command line that parses options the way all commands do. */
    static CommandLine configured(Object command) {
        return new CommandLine(command)
                .registerConverter(Duration.class, ClientMain::duration)
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    private static Duration duration(String text) {
        try {
            return Times.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    /** Returns a message from kafka-clients or picocli, which may span several lines, as a single line. */
    static String oneLine(String message) {
        return message.strip().replaceAll("\\s*\\R\\s*", "; ");
    }

    static String message(ParameterException mistake) {
        if (!(mistake instanceof UnmatchedArgumentException unmatched)) {
            return Objects.requireNonNull(
                    mistake.getMessage(), "exceptions of picocli and of our own always have a message");
        }
        String first = unmatched.getUnmatched().get(0);
        return unmatched.isUnknownOption()
                ? "unknown option " + first
                        + unmatched.getSuggestions().stream()
                                .findFirst()
                                .map(near -> "; did you mean " + near + "?")
                                .orElse("")
                : "'" + first + "' is not a command or option; the commands are run, compare and measure-idle-timeout";
    }
}
