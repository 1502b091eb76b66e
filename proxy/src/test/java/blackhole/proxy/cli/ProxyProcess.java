package blackhole.proxy.cli;

import blackhole.support.ChildProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The proxy's command line in a JVM of its own. */
record ProxyProcess(ChildProcess process) implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Pattern LISTENING = Pattern.compile("listening on [^ ]*:(\\d+), ");

    static ProxyProcess start(Path directory, String... arguments) {
        return start(ChildProcess.in(directory), arguments);
    }

    static ProxyProcess start(ChildProcess.Builder builder, String... arguments) {
        // As in the jar's manifest; without it the JVM warns about Netty's native library.
        builder.flag(Runtime.version().feature() >= 24 ? "--enable-native-access=ALL-UNNAMED" : null);
        return new ProxyProcess(builder.run(System.getProperty("java.class.path"), ProxyMain.class, arguments));
    }

    /** Waits until it listens, and returns the port of the first route. */
    int awaitPort() {
        awaitOutput("checked every");
        Matcher listening = LISTENING.matcher(process.out());
        if (!listening.find()) {
            throw new AssertionError("no port in " + out());
        }
        return Integer.parseInt(listening.group(1));
    }

    void awaitOutput(String text) {
        process.awaitOutput(text);
    }

    void terminate() {
        process.terminate();
    }

    int awaitExit() throws InterruptedException {
        return awaitExit(PATIENCE);
    }

    int awaitExit(Duration atMost) throws InterruptedException {
        return process.awaitExit(atMost);
    }

    List<String> out() {
        return process.out().lines().toList();
    }

    List<String> err() {
        return process.err().lines().toList();
    }

    @Override
    public void close() {
        process.close();
    }
}
