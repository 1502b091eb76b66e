package blackhole.proxy.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** The proxy's command line in a JVM of its own. */
public final class ProxyProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Pattern LISTENING = Pattern.compile("listening on [^ ]*:(\\d+), ");

    private final Process process;
    private final Path directory;

    private ProxyProcess(Process process, Path directory) {
        this.process = process;
        this.directory = directory;
    }

    /** @param directory for its output; a new one for each process */
    static ProxyProcess start(Path directory, List<String> jvmArguments, String... arguments) throws IOException {
        return start(List.of(), directory, jvmArguments, arguments);
    }

    /** As any user, root too, starts it who may not listen on ports below 1024. */
    static ProxyProcess startWithoutPrivilegedPorts(Path directory, String... arguments) throws IOException {
        List<String> drop = System.getProperty("user.name").equals("root")
                ? List.of("setpriv", "--bounding-set=-net_bind_service", "--inh-caps=-net_bind_service")
                : List.of();
        return start(drop, directory, List.of(), arguments);
    }

    private static ProxyProcess start(
            List<String> launcher, Path directory, List<String> jvmArguments, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(launcher);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(nativeAccess());
        command.addAll(jvmArguments);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ProxyMain.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(directory.resolve("out").toFile())
                .redirectError(directory.resolve("err").toFile());
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        return new ProxyProcess(builder.start(), directory);
    }

    /** As the jar's manifest has it; without a jar the JVM warns of Netty's native library. */
    public static List<String> nativeAccess() {
        return Runtime.version().feature() >= 24 ? List.of("--enable-native-access=ALL-UNNAMED") : List.of();
    }

    static ProxyProcess start(Path directory, String... arguments) throws IOException {
        return start(directory, List.of(), arguments);
    }

    /** Waits until it listens, and returns the port of the first route. */
    int awaitPort() {
        Matcher listening = LISTENING.matcher("");
        awaitOutput("checked every");
        listening.reset(String.join("\n", out()));
        if (!listening.find()) {
            throw new AssertionError("no port in " + out());
        }
        return Integer.parseInt(listening.group(1));
    }

    void awaitOutput(String text) {
        Awaitility.await(text)
                .atMost(PATIENCE)
                .until(() -> out().stream().anyMatch(line -> line.contains(text)) || !process.isAlive());
        if (out().stream().noneMatch(line -> line.contains(text))) {
            throw new AssertionError("no '" + text + "' in " + out() + err());
        }
    }

    void terminate() {
        process.destroy();
    }

    int awaitExit() throws InterruptedException {
        return awaitExit(PATIENCE);
    }

    int awaitExit(Duration atMost) throws InterruptedException {
        if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("still running after " + atMost);
        }
        return process.exitValue();
    }

    List<String> out() {
        return lines("out");
    }

    List<String> err() {
        return lines("err");
    }

    private List<String> lines(String file) {
        try {
            return Files.readAllLines(directory.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
