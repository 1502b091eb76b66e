package blackhole.proxy.cli;

import blackhole.kafka.PortRange;
import blackhole.middlebox.config.Durations;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.Names;
import blackhole.middlebox.config.Route;
import blackhole.middlebox.config.UsageException;
import blackhole.proxy.cli.ProxyCommand.LogFormat;
import blackhole.proxy.redirect.Ports;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code java -jar blackhole-proxy.jar}. */
public final class ProxyMain {
    private static final String LEAK_DETECTION = "io.netty.leakDetection.level";

    private ProxyMain() {}

    public static void main(String[] arguments) {
        // The tests look for leaks; here, watching every hundredth buffer would only cost time.
        if (System.getProperty(LEAK_DETECTION) == null) {
            System.setProperty(LEAK_DETECTION, "disabled");
        }
        Logging.startQuietly();
        System.exit(run(commandLine(), arguments));
    }

    static int run(CommandLine commandLine, String... arguments) {
        int end =
                List.of(arguments).indexOf(commandLine.getCommandSpec().parser().endOfOptionsDelimiter());
        String[] options = end < 0 ? arguments : Arrays.copyOf(arguments, end);
        try {
            ArgumentFiles.check(options);
        } catch (UsageException e) {
            return UserErrors.print(commandLine, e.getMessage(), CommandLine.ExitCode.USAGE);
        }
        return commandLine.execute(escaped(arguments, options.length));
    }

    /** Escapes the arguments of a wrapped command that look like argument files. */
    private static String[] escaped(String[] arguments, int from) {
        String[] escaped = arguments.clone();
        for (int i = from; i < escaped.length; i++) {
            escaped[i] = escaped[i].replaceFirst("^@", "@@");
        }
        return escaped;
    }

    static CommandLine commandLine() {
        // The last one of an option wins, so that the command line can change what an argument file says.
        CommandLine commandLine = new CommandLine(new ProxyCommand())
                .setUsageHelpAutoWidth(true)
                .setAbbreviatedOptionsAllowed(false)
                .setOverwrittenOptionsAllowed(true);
        // A wrapped command's options are its own, with or without the -- before it.
        commandLine.getSubcommands().values().stream()
                .filter(subcommand -> subcommand.getCommand() instanceof WrapCommand)
                .forEach(wrap -> wrap.setStopAtPositional(true));
        UserErrors.printAsOneLine(commandLine);
        String version = ProxyMain.class.getPackage().getImplementationVersion();
        commandLine.getCommandSpec().version("blackhole-proxy " + (version == null ? "(not packaged)" : version));
        return commandLine
                .registerConverter(Duration.class, converter(Durations::parse))
                .registerConverter(Route.class, converter(Route::parse))
                .registerConverter(TransparentListener.class, converter(TransparentListener::parse))
                .registerConverter(Ports.class, converter(Ports::parse))
                .registerConverter(Endpoint.class, converter(Endpoint::parseListen))
                .registerConverter(PortRange.class, converter(PortRange::parse))
                .registerConverter(LogFormat.class, converter(text -> Names.parse(LogFormat.class, text)));
    }

    private static <T> ITypeConverter<T> converter(Function<String, T> parse) {
        return text -> {
            try {
                return parse.apply(text);
            } catch (UsageException e) {
                throw new TypeConversionException(e.getMessage());
            }
        };
    }
}
