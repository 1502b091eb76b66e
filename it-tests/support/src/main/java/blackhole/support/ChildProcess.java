package blackhole.support;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
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
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/** A process next to this JVM, with its output and what the kernel says about it. {@link #close()} ends it. */
public final class ChildProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final int PAGE = 4096;

    private static final Set<String> CLIENT_VARIABLES =
            Set.of("KAFKA_CLUSTER_PORT", "BURST_SIZE", "IDLE_SECS", "REPEATS", "ENABLE_REFRESHER");

    private final Process process;
    private final PrintStream in;
    private final Path out;
    private final Path err;

    private ChildProcess(Process process, Path out, Path err) {
        this.process = process;
        this.in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        this.out = out;
        this.err = err;
    }

    /** @param directory for the files with the output */
    public static Builder in(Path directory) {
        return new Builder(directory);
    }

    /** Not thread-safe. */
    public static final class Builder {
        private final Path directory;
        private final List<String> prefix = new ArrayList<>();
        private final List<String> flags = new ArrayList<>();
        private final Map<String, String> environment = new HashMap<>();
        private Jdk jdk = Jdk.own();

        private Builder(Path directory) {
            this.directory = directory;
        }

        public Builder jdk(Jdk other) {
            jdk = other;
            return this;
        }

        /** A command that runs the rest of the command line, such as strace. */
        public Builder under(String... tool) {
            prefix.addAll(List.of(tool));
            return this;
        }

        /** An argument of the JVM. */
        public Builder flag(@Nullable String flag) {
            if (flag != null) {
                flags.add(flag);
            }
            return this;
        }

        /** Added to this JVM's own environment, without the variables that configure a JVM or the client. */
        public Builder environment(Map<String, String> more) {
            environment.putAll(more);
            return this;
        }

        public ChildProcess run(String classPath, Class<?> main, String... arguments) {
            return java(List.of("-cp", classPath, main.getName()), arguments);
        }

        public ChildProcess runJar(Path jar, String... arguments) {
            return java(List.of("-jar", jar.toString()), arguments);
        }

        private ChildProcess java(List<String> what, String... arguments) {
            List<String> command =
                    new ArrayList<>(List.of(jdk.java(), "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
            command.addAll(flags);
            command.addAll(what);
            command.addAll(List.of(arguments));
            return start(command);
        }

        public ChildProcess start(String... command) {
            return start(List.of(command));
        }

        public ChildProcess start(List<String> command) {
            List<String> all = new ArrayList<>(prefix);
            all.addAll(command);
            try {
                Path out = Files.createTempFile(directory, "out", ".txt");
                Path err = Files.createTempFile(directory, "err", ".txt");
                ProcessBuilder builder =
                        new ProcessBuilder(all).redirectOutput(out.toFile()).redirectError(err.toFile());
                builder.environment().keySet().removeIf(Builder::configuresJvmOrClient);
                builder.environment().putAll(environment);
                return new ChildProcess(builder.start(), out, err);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static boolean configuresJvmOrClient(String variable) {
            return variable.equals("JAVA_TOOL_OPTIONS")
                    || variable.equals("JDK_JAVA_OPTIONS")
                    || variable.startsWith("CC_")
                    || CLIENT_VARIABLES.contains(variable);
        }
    }

    public long pid() {
        return process.pid();
    }

    /** The process and its descendants. */
    public List<Long> pids() {
        return family().map(ProcessHandle::pid).toList();
    }

    private Stream<ProcessHandle> family() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants());
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Writes a line to the standard input. */
    public void send(String line) {
        in.println(line);
    }

    /** Waits for a line of the standard output that starts with {@code start} and returns the rest of the line. */
    public String awaitLine(String start) {
        return await(start, () -> out().lines()
                        .filter(line -> line.startsWith(start))
                        .findFirst())
                .substring(start.length())
                .trim();
    }

    /** Waits until the process has printed {@code text}, on either stream. */
    public void awaitOutput(String text) {
        await(text, () -> Optional.of(text).filter(output()::contains));
    }

    private String await(String what, Supplier<Optional<String>> output) {
        try {
            return Awaitility.await()
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(20))
                    .until(
                            () -> {
                                boolean wasAlive = isAlive();
                                Optional<String> found = output.get();
                                if (found.isEmpty() && !wasAlive) {
                                    throw new AssertionError("ended without '" + what + "': " + output());
                                }
                                return found;
                            },
                            Optional::isPresent)
                    .orElseThrow();
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("no '" + what + "' in " + output(), e);
        }
    }

    /** Closes the standard input, waits for the process to exit, and returns its exit code. */
    public int end() throws InterruptedException {
        in.close();
        return awaitExit(PATIENCE);
    }

    /** Waits for the process to exit and returns its exit code. */
    public int awaitExit(Duration atMost) throws InterruptedException {
        if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("still running after " + atMost + ": " + output());
        }
        return process.exitValue();
    }

    /** Sends SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** Sends SIGKILL. */
    public void kill() {
        process.destroyForcibly();
    }

    public String out() {
        return read(out);
    }

    public String err() {
        return read(err);
    }

    /** Standard output, followed by standard error. */
    public String output() {
        return out() + err();
    }

    /** User and system time so far, of the process and its descendants. */
    public double cpuSeconds() {
        return family().flatMap(handle -> handle.info().totalCpuDuration().stream())
                .mapToDouble(time -> time.toNanos() / 1e9)
                .sum();
    }

    /** Resident memory of the process itself. */
    public long residentBytes() {
        String statm = readIfPresent(Path.of("/proc", Long.toString(pid()), "statm"));
        return statm.isEmpty() ? 0 : Long.parseLong(statm.split(" ")[1]) * PAGE;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String readIfPresent(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }

    /** Sends SIGTERM to the process and its descendants, and SIGKILL after five seconds. */
    @Override
    public void close() {
        List<ProcessHandle> all = family().toList();
        all.forEach(ProcessHandle::destroy);
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                all.forEach(ProcessHandle::destroyForcibly);
                process.waitFor(5, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            all.forEach(ProcessHandle::destroyForcibly);
            Thread.currentThread().interrupt();
        }
    }
}
