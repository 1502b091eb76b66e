package blackhole.fidelity;

import blackhole.fidelity.Namespaces.Host;
import blackhole.support.ChildProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.awaitility.Awaitility;

/** A {@link Peer} that runs on a host. Thread-safe. */
record PeerProcess(ChildProcess process) {
    /** What happened to one of its connections. */
    record Event(Instant at, String connection, String what) {}

    static PeerProcess start(Namespaces namespaces, Host host, Path directory) {
        ChildProcess process = namespaces
                .on(host, directory)
                .flag("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED")
                .run("target/test-classes", Peer.class);
        process.awaitLine("peer ready");
        return new PeerProcess(process);
    }

    /** Sends a command about a connection; see {@link Peer} for the words. */
    void command(String connection, String words) {
        process.send(connection + " " + words);
    }

    void await(String connection, String what) {
        Awaitility.await(connection + " " + what)
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> events(connection).stream()
                        .anyMatch(event -> event.connection().equals(connection)
                                && event.what().equals(what)));
    }

    /** The events so far of connections whose names start with {@code prefix}. */
    List<Event> events(String prefix) {
        String out = process.out();
        return out.substring(0, out.lastIndexOf('\n') + 1)
                .lines()
                .skip(1)
                .map(line -> line.split(" ", 3))
                .filter(words -> words[1].startsWith(prefix))
                .map(words -> new Event(Instant.parse(words[0]), words[1], words[2]))
                .toList();
    }

    /** Sends SIGKILL: the kernel closes what the process had open. */
    void kill() {
        process.kill();
    }
}
