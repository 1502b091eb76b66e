package blackhole.middlebox.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The directory that Netty unpacks its native library to and loads it from. */
public final class TemporaryDirectory {
    private static final String REMEDY = "; use another one with -Djava.io.tmpdir=DIRECTORY";

    private TemporaryDirectory() {}

    /** Returns why no library can be loaded from there and what to do, as a clause; empty if one can. */
    public static Optional<String> problem() {
        Path directory = Path.of(System.getProperty("java.io.tmpdir"));
        String name = "the temporary directory " + directory;
        try {
            Path file = Files.createTempFile(directory, "blackhole", ".so");
            try {
                boolean mayExecute =
                        file.toFile().setExecutable(true) && file.toFile().canExecute();
                return mayExecute
                        ? Optional.empty()
                        : Optional.of("libraries can't be loaded from " + name + ", which is mounted noexec" + REMEDY);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            return Optional.of(name + " can't be written to" + REMEDY);
        }
    }
}
