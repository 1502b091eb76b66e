package blackhole.proxy.cli;

import blackhole.proxy.UsageException;
import picocli.CommandLine;

/** Prints what a user got wrong as one line, and leaves the stack trace to our own mistakes. */
final class UserErrors {
    private UserErrors() {}

    static void printAsOneLine(CommandLine commandLine) {
        commandLine.setParameterExceptionHandler((mistake, arguments) -> print(
                mistake.getCommandLine(),
                mistake.getMessage().replaceAll("\\s*\\R\\s*", "; ") + " (try --help)",
                CommandLine.ExitCode.USAGE));
        commandLine.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof UsageException mistake) {
                return print(command, mistake.messageForCommandLine(), CommandLine.ExitCode.SOFTWARE);
            }
            throw failure;
        });
    }

    private static int print(CommandLine command, String message, int exitCode) {
        command.getErr().println(command.getCommandSpec().root().name() + ": " + message);
        return exitCode;
    }
}
