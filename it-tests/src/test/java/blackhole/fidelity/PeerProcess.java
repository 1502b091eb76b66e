package blackhole.fidelity;

import blackhole.fidelity.Namespaces.Host;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The handle of a {@link Peer} that runs on a host: sends it commands, keeps what it told. Thread-safe. */
final class PeerProcess {
    /** What a peer told of one of its connections. */
    record Told(Instant at, String connection, String event) {}

    private final Process process;
    private final PrintStream commands;
    private final List<Told> told = new ArrayList<>();

    PeerProcess(Namespaces namespaces, Host host) throws IOException {
        process = namespaces.start(
                host,
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-Xmx64m",
                                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                                "-cp",
                                classes(),
                                Peer.class.getName())
                        .redirectError(ProcessBuilder.Redirect.INHERIT));
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        Thread listener = new Thread(this::listen, "peer on " + host);
        listener.setDaemon(true);
        listener.start();
        await("peer", "ready");
    }

    private static String classes() {
        try {
            return Path.of(Peer.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private void listen() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.split(" ", 2);
                synchronized (told) {
                    told.add(new Told(Instant.now(), words[0], words[1]));
                    told.notifyAll();
                }
            }
        } catch (IOException e) {
            if (process.isAlive()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Has the peer do something; see {@link Peer} for the words. */
    void command(String connection, String words) {
        commands.println(connection + " " + words);
    }

    /** Waits until the peer has told this of the connection. */
    void await(String connection, String event) {
        await(connection, event, Duration.ofSeconds(30));
    }

    private void await(String connection, String event, Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        synchronized (told) {
            while (of(connection).stream().noneMatch(t -> t.event().equals(event))) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    throw new AssertionError(connection + ": no '" + event + "' but " + of(connection));
                }
                try {
                    told.wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("interrupted", e);
                }
            }
        }
    }

    /** What the peer told of the connection so far. */
    List<Told> of(String connection) {
        synchronized (told) {
            return told.stream().filter(t -> t.connection().equals(connection)).toList();
        }
    }

    /** What the peer told of connections whose names begin so. */
    List<Told> ofAll(String prefix) {
        synchronized (told) {
            return told.stream().filter(t -> t.connection().startsWith(prefix)).toList();
        }
    }

    /** SIGKILL: the kernel closes what the process had open. */
    void kill() {
        process.destroyForcibly();
    }
}
