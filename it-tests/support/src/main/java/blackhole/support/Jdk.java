package blackhole.support;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/** A Java installation of this machine. */
public record Jdk(Path home) {

    private static final Path DEBIANS = Path.of("/usr/lib/jvm");

    /** The installation that runs the tests. */
    public static Jdk own() {
        return new Jdk(Path.of(System.getProperty("java.home")));
    }

    /** The installation that runs the tests, and all others from 17 on in the directory of Debian and Temurin. */
    public static List<Jdk> all() throws IOException {
        List<Jdk> jdks = new ArrayList<>(List.of(own()));
        Path own = own().home().toRealPath();
        if (Files.isDirectory(DEBIANS)) {
            try (Stream<Path> homes = Files.list(DEBIANS)) {
                homes.sorted()
                        .filter(home -> !Files.isSymbolicLink(home) && Files.isExecutable(home.resolve("bin/java")))
                        .map(Jdk::new)
                        .filter(jdk -> jdk.feature() >= 17 && !jdk.isAt(own))
                        .forEach(jdks::add);
            }
        }
        return jdks;
    }

    public String java() {
        return home.resolve("bin/java").toString();
    }

    private boolean isAt(Path realPath) {
        try {
            return home.toRealPath().equals(realPath);
        } catch (IOException e) {
            return false;
        }
    }

    /** The feature version; 0 if unknown. */
    private int feature() {
        Properties release = new Properties();
        try (Reader file = Files.newBufferedReader(home.resolve("release"), StandardCharsets.UTF_8)) {
            release.load(file);
        } catch (IOException e) {
            return 0;
        }
        String version = release.getProperty("JAVA_VERSION", "0").replace("\"", "");
        return Integer.parseInt(version.split("\\D")[0]);
    }

    @Override
    public String toString() {
        return "JDK " + feature();
    }
}
