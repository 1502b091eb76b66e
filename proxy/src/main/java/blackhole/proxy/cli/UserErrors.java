package blackhole.proxy.cli;

import blackhole.middlebox.config.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Prints what a user got wrong as one line, and leaves the stack trace to our own mistakes. */
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

    /**
     * Finds an argument file, {@code @FILE}, that picocli would take as an argument since it can't be read.
     *
     * @return the exit code for it; empty when there is no such mistake
     */
    static OptionalInt printUnreadableFile(CommandLine commandLine, String... arguments) {
        for (String argument : arguments) {
            if (argument.startsWith("@") && !argument.startsWith("@@")) {
                Path file = Path.of(argument.substring(1));
                if (!Files.isReadable(file) || Files.isDirectory(file)) {
                    String why = Files.isDirectory(file)
                            ? "is a directory"
                            : Files.exists(file) ? "can't be read" : "does not exist";
                    return OptionalInt.of(
                            print(commandLine, "the argument file " + file + " " + why, CommandLine.ExitCode.USAGE));
                }
            }
        }
        return OptionalInt.empty();
    }

    private static String message(ParameterException mistake) {
        if (mistake instanceof UnmatchedArgumentException unmatched) {
            String first = unmatched.getUnmatched().get(0);
            return unmatched.isUnknownOption()
                    ? "there is no option " + first
                            + unmatched.getSuggestions().stream()
                                    .findFirst()
                                    .map(near -> "; did you mean " + near + "?")
                                    .orElse("")
                    : "'" + first + "' is no command or option";
        }
        return mistake.getMessage();
    }

    private static int print(CommandLine command, String message, int exitCode) {
        command.getErr().println(command.getCommandSpec().root().name() + ": " + message);
        return exitCode;
    }
}
