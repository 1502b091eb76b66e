package blackhole.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The programs of this machine. */
public final class Tools {
    private Tools() {}

    public static boolean isInstalled(String name) {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
    }

    /** Returns those of the programs that are not installed. */
    public static List<String> missing(String... names) {
        return Stream.of(names).filter(name -> !isInstalled(name)).toList();
    }

    public static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    /**
     * Runs a program to its end and returns its output.
     *
     * @throws UncheckedIOException if it is missing or fails
     */
    public static String run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException("'" + String.join(" ", command) + "' failed: " + output.trim());
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
