package blackhole.proxy.cli;

import picocli.CommandLine;

/** {@code java -jar blackhole-proxy.jar}. */
public final class ProxyMain {
    private ProxyMain() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        CommandLine commandLine =
                new CommandLine(new ProxyCommand()).setUsageHelpAutoWidth(true).setAbbreviatedOptionsAllowed(false);
        UserErrors.printAsOneLine(commandLine);
        OptionValues.register(commandLine);
        return commandLine;
    }
}
