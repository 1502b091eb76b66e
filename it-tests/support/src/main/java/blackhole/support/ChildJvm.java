package blackhole.support;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A JVM beside this one, with what it printed. */
public final class ChildJvm implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private static final Set<String> CLIENTS =
            Set.of("KAFKA_CLUSTER_PORT", "BURST_SIZE", "IDLE_SECS", "REPEATS", "ENABLE_REFRESHER");

    private final Process process;
    private final Path out;
    private final Path err;

    private ChildJvm(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** Java's flags but for the class path, and what is put before the whole command, such as strace. */
    public static Builder of(Jdk jdk, Path directory) {
        return new Builder(jdk, directory);
    }

    /** Not thread-safe. */
    public static final class Builder {

        private final Jdk jdk;
        private final Path directory;
        private final List<String> before = new ArrayList<>();
        private final List<String> flags = new ArrayList<>();
        private final Map<String, String> environment = new HashMap<>();

        private Builder(Jdk jdk, Path directory) {
            this.jdk = jdk;
            this.directory = directory;
        }

        public Builder under(String... tool) {
            before.addAll(List.of(tool));
            return this;
        }

        public Builder flag(@Nullable String flag) {
            if (flag != null) {
                flags.add(flag);
            }
            return this;
        }

        /** Beside this JVM's own environment, without what would change a JVM or a client of itself. */
        public Builder environment(Map<String, String> more) {
            environment.putAll(more);
            return this;
        }

        public ChildJvm run(String classPath, Class<?> main, String... arguments) throws IOException {
            return start(List.of("-cp", classPath, main.getName()), arguments);
        }

        public ChildJvm runJar(Path jar, String... arguments) throws IOException {
            return start(List.of("-jar", jar.toString()), arguments);
        }

        private ChildJvm start(List<String> what, String... arguments) throws IOException {
            List<String> command = new ArrayList<>(before);
            command.add(jdk.java());
            command.add("-Xmx128m");
            command.add("-XX:+UseSerialGC");
            command.add("-XX:TieredStopAtLevel=1");
            command.addAll(flags);
            command.addAll(what);
            command.addAll(List.of(arguments));
            Path out = Files.createTempFile(directory, "out", ".txt");
            Path err = Files.createTempFile(directory, "err", ".txt");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
            builder.environment().keySet().removeIf(ChildJvm::changesAJvm);
            builder.environment().putAll(environment);
            return new ChildJvm(builder.start(), out, err);
        }
    }

    /** Whether a developer's environment would make a JVM, or the client in it, another than the test wants. */
    public static boolean changesAJvm(String variable) {
        return variable.equals("JAVA_TOOL_OPTIONS")
                || variable.equals("JDK_JAVA_OPTIONS")
                || variable.startsWith("CC_")
                || CLIENTS.contains(variable);
    }

    /** The JVM's own, also under a tool. */
    public List<Long> pids() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .map(ProcessHandle::pid)
                .toList();
    }

    /** Waits for a line that begins so, and gives what follows. */
    public String awaitLine(String start) {
        return await().atMost(PATIENCE)
                .until(
                        () -> {
                            Optional<String> line = out().lines()
                                    .filter(text -> text.startsWith(start))
                                    .findFirst();
                            if (line.isEmpty() && !process.isAlive()) {
                                throw new IllegalStateException("ended without '" + start + "': " + out() + err());
                            }
                            return line;
                        },
                        Optional::isPresent)
                .orElseThrow()
                .substring(start.length())
                .trim();
    }

    /** Closes the JVM's standard input and waits for its end. */
    public int end() throws Exception {
        process.getOutputStream().close();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("does not end: " + out() + err());
        }
        return process.exitValue();
    }

    public String out() throws IOException {
        return Files.readString(out);
    }

    public String err() throws IOException {
        return Files.readString(err);
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
