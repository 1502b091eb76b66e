package blackhole.client.cli;

import blackhole.client.scenario.ScenarioException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file that an option names. */
final class UserFile {

    private UserFile() {}

    /** @throws ScenarioException if it can't be read; the message names option and file */
    static String read(String option, Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new ScenarioException(option + " " + file + ": no such file", e);
        } catch (IOException e) {
            throw new ScenarioException(option + " " + file + ": can't be read: " + e.getMessage(), e);
        }
    }
}
