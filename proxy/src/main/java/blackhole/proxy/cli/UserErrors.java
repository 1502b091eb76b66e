package blackhole.proxy.cli;

import blackhole.middlebox.config.UsageException;
import java.util.Objects;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Prints a user's mistake as one line; bugs keep their stack trace. */
final class UserErrors {
    private UserErrors() {}

    static void printAsOneLine(CommandLine commandLine) {
        commandLine.setParameterExceptionHandler((mistake, arguments) -> print(
                mistake.getCommandLine(),
                message(mistake).replaceAll("\\s*\\R\\s*", "; ") + " (try --help)",
                CommandLine.ExitCode.USAGE));
        commandLine.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof UsageException mistake) {
                return print(command, mistake.messageForCommandLine(), CommandLine.ExitCode.SOFTWARE);
            }
            throw failure;
        });
    }

    /** Runs a check of the options, whose mistakes are wrong usage rather than a failure to start. */
    static <T> T inOptions(CommandSpec command, Supplier<T> check) {
        try {
            return check.get();
        } catch (UsageException e) {
            throw new ParameterException(command.commandLine(), e.messageForCommandLine());
        }
    }

    private static String message(ParameterException mistake) {
        if (mistake instanceof UnmatchedArgumentException unmatched) {
            String first = unmatched.getUnmatched().get(0);
            return unmatched.isUnknownOption()
                    ? "unknown option " + first
                            + unmatched.getSuggestions().stream()
                                    .findFirst()
                                    .map(near -> "; did you mean " + near + "?")
                                    .orElse("")
                    : "unknown argument '" + first + "'";
        }
        return Objects.requireNonNull(mistake.getMessage(), "picocli's and our own mistakes have a message");
    }

    static int print(CommandLine command, String message, int exitCode) {
        command.getErr().println(command.getCommandSpec().root().name() + ": " + message);
        return exitCode;
    }
}
