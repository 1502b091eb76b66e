package blackhole.proxy.cli;

import java.util.OptionalInt;
import picocli.CommandLine;

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
        OptionalInt mistake = UserErrors.printUnreadableFile(commandLine, arguments);
        return mistake.isPresent() ? mistake.getAsInt() : commandLine.execute(arguments);
    }

    static CommandLine commandLine() {
        // The last one of an option wins, so that the command line can change what an argument file says.
        CommandLine commandLine = new CommandLine(new ProxyCommand())
                .setUsageHelpAutoWidth(true)
                .setAbbreviatedOptionsAllowed(false)
                .setOverwrittenOptionsAllowed(true);
        UserErrors.printAsOneLine(commandLine);
        OptionValues.register(commandLine);
        return commandLine;
    }
}
