package blackhole.fidelity;

import static blackhole.support.Idle.idleFor;

import blackhole.fidelity.Namespaces.Host;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A case that is run behind one middlebox: what its script has the two hosts do, and its phases. */
final class CaseRun {
    /** A part of a case; the events between its begin and the next one's are compared together. */
    record Phase(String name, Instant begin) {}

    /** Longer than a delayed ACK takes, so that every packet on its way has been seen. */
    private static final Duration SETTLED = Duration.ofMillis(300);

    private final Namespaces namespaces;
    private final Path directory;
    private final TestedMiddlebox middlebox;
    final String name;
    final int port;
    final List<Phase> phases = new ArrayList<>();
    PeerProcess client;
    PeerProcess server;
    private int connections;

    CaseRun(
            Namespaces namespaces,
            Path directory,
            TestedMiddlebox middlebox,
            PeerProcess client,
            PeerProcess server,
            String name,
            int port) {
        this.namespaces = namespaces;
        this.directory = directory;
        this.middlebox = middlebox;
        this.client = client;
        this.server = server;
        this.name = name;
        this.port = port;
    }

    /** Begins a phase, when all packets of the one before have been seen. */
    void phase(String phase) {
        idleFor(SETTLED);
        phases.add(new Phase(phase, Instant.now()));
    }

    /** Gives the client's side of this case a process of its own, which can be killed. */
    void ownClient() {
        client = PeerProcess.start(namespaces, Host.CLIENT, directory);
    }

    /** Gives the server's side of this case a process of its own, which can be killed. */
    void ownServer() {
        server = PeerProcess.start(namespaces, Host.SERVER, directory);
    }

    /** Has the server listen; the options are {@link Peer}'s. */
    void listen(String... options) {
        server.command(name, "listen " + port + words(options));
        server.await(name, "listening");
    }

    /** Has the client ask for a connection, whatever becomes of that. */
    void connect(String... options) {
        client.command(
                name + "#" + ++connections,
                "connect " + middlebox.serverAsSeenByClient() + " " + port + words(options));
    }

    /** The begin of most cases, up to a flow that has carried data both ways. */
    void open(String... clientOptions) {
        phase("open");
        listen();
        establish(clientOptions);
    }

    /** Opens a connection and uses it both ways. */
    void establish(String... clientOptions) {
        connect(clientOptions);
        client.await(connection(), "connected");
        server.await(connection(), "accepted");
        idleFor(SETTLED);
        exchange(10, 20);
    }

    /** Data both ways that arrives. Each case sends each size once. */
    void exchange(int fromClient, int fromServer) {
        clientDoes("send " + fromClient);
        server.await(connection(), "received " + fromClient);
        idleFor(SETTLED);
        serverDoes("send " + fromServer);
        client.await(connection(), "received " + fromServer);
        idleFor(SETTLED);
    }

    void clientDoes(String command) {
        client.command(connection(), command);
    }

    void serverDoes(String command) {
        server.command(connection(), command);
    }

    /** One side finishes; the other one still may send. */
    void finish(Host host) {
        boolean byClient = host == Host.CLIENT;
        (byClient ? client : server).command(connection(), "finish");
        (byClient ? server : client).await(connection(), "end of stream");
        idleFor(SETTLED);
    }

    /** Has a connection be idle for so long; it is a phase. */
    void idle(Duration time) {
        phase("idle");
        idleFor(time);
    }

    /** Makes a host blackholed for this case's packets, as if its cable were cut one way; the captures still show them. */
    void blackhole(Host host) {
        String port = (host == Host.SERVER ? "dport " : "sport ") + this.port;
        namespaces.run(
                host,
                "nft",
                "add table ip " + table() + "; add chain ip " + table() + " blackholed {"
                        + " type filter hook prerouting priority raw; }; add rule ip " + table() + " blackholed tcp "
                        + port
                        + " drop");
    }

    void heal(Host host) {
        namespaces.run(host, "nft", "delete table ip " + table());
    }

    private String table() {
        return "blackholed" + port;
    }

    /** The connection opened last. */
    String connection() {
        return name + "#" + connections;
    }

    private static String words(String... options) {
        return options.length == 0 ? "" : " " + String.join(" ", options);
    }
}
