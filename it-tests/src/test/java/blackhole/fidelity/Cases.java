package blackhole.fidelity;

import static blackhole.support.Idle.idleFor;

import blackhole.fidelity.Namespaces.Host;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The cases that are run behind both middleboxes. */
final class Cases {
    /** Past the idle timeout, with room for a slow machine. */
    private static final Duration EXPIRED = TestedMiddlebox.IDLE_TIMEOUT.plusMillis(1500);

    /** Long enough to see four retransmissions: after 0.2, 0.6, 1.4 and 3 s. */
    private static final Duration A_WHILE = Duration.ofSeconds(5);

    private static final Duration A_MOMENT = Duration.ofSeconds(1);

    /** The idle time comes last: if it is over already, a probe is sent at once. */
    private static final String KEEPALIVE = "set keepAlive=on keepInterval=1 keepCount=3 keepIdle=1";

    static final List<Case> ALL = List.of(
            live("client closes", A_MOMENT, run -> {
                run.finish(Host.CLIENT);
                run.serverDoes("close");
            }),
            live("server closes", A_MOMENT, run -> {
                run.finish(Host.SERVER);
                run.clientDoes("close");
            }),
            live("client resets", A_MOMENT, run -> run.clientDoes("reset")),
            live("server resets", A_MOMENT, run -> run.serverDoes("reset")),
            new Case("live: client sends and resets at once", run -> {
                run.listen();
                run.phase("then");
                run.connect();
                run.client.await(run.connection(), "connected");
                run.clientDoes("send 11");
                run.clientDoes("reset");
                idleFor(A_MOMENT);
            }),
            live("client sends urgent data", A_MOMENT, run -> run.clientDoes("urgent")),
            new Case("live: server refuses", run -> {
                run.phase("then");
                run.connect();
                idleFor(A_MOMENT);
            }),
            new Case("live: server is unreachable", run -> {
                run.blackhole(Host.SERVER);
                run.phase("then");
                run.connect();
                idleFor(A_WHILE);
            }),
            new Case("live: idle for a shorter time", run -> {
                run.open();
                run.idle(TestedMiddlebox.IDLE_TIMEOUT.dividedBy(2));
                run.phase("then");
                run.exchange(11, 21);
            }),
            keptByProbes("live: client's keepalive", CaseRun::clientDoes),
            keptByProbes("live: server's keepalive", CaseRun::serverDoes),
            live("client's keepalive, server dead", Duration.ofSeconds(6), run -> {
                run.blackhole(Host.SERVER);
                run.clientDoes(KEEPALIVE);
            }),
            new Case("live: half-closed by the client, idle for a shorter time", run -> {
                run.open();
                run.finish(Host.CLIENT);
                run.idle(TestedMiddlebox.HALF_CLOSED_TIMEOUT.plusMillis(200));
                run.phase("then");
                run.serverDoes("send 21");
                idleFor(Duration.ofSeconds(2));
            }),
            expired("client sends", run -> run.clientDoes("send 11")),
            expired("server sends", run -> run.serverDoes("send 21")),
            expired("both send at once", run -> {
                run.clientDoes("send 11");
                run.serverDoes("send 21");
            }),
            expired("client's keepalive begins too late", run -> run.clientDoes(KEEPALIVE)),
            expired("server's keepalive begins too late", run -> run.serverDoes(KEEPALIVE)),
            expired(
                    "expired: client sends, with a user timeout",
                    run -> run.open("userTimeout=2000"),
                    run -> run.clientDoes("send 11")),
            expired(
                    "expired: server sends, with a user timeout",
                    run -> {
                        run.phase("open");
                        run.listen("userTimeout=2000");
                        run.establish();
                    },
                    run -> run.serverDoes("send 21")),
            expired("client closes", run -> run.clientDoes("close")),
            expired("server closes", run -> run.serverDoes("close")),
            expired("client resets", run -> {
                run.clientDoes("reset");
                idleFor(A_MOMENT);
                run.serverDoes("send 21");
            }),
            expired("server resets", run -> run.serverDoes("reset")),
            expired(
                    "expired: client is killed",
                    run -> {
                        run.ownClient();
                        run.open();
                    },
                    run -> {
                        run.client.kill();
                        idleFor(A_MOMENT);
                        run.serverDoes("send 21");
                    }),
            expired(
                    "expired: server is killed",
                    run -> {
                        run.ownServer();
                        run.open();
                    },
                    run -> run.server.kill()),
            new Case("expired: client sends, then reconnects", run -> {
                run.open();
                run.idle(EXPIRED);
                run.phase("then");
                run.clientDoes("send 11");
                idleFor(Duration.ofSeconds(2));
                run.clientDoes("reset");
                run.establish();
                idleFor(A_MOMENT);
            }),
            expired("expired: client reconnects from the same port", run -> run.open("localPort=60000"), run -> {
                run.clientDoes("reset");
                idleFor(A_MOMENT);
                run.connect("localPort=60000");
            }),
            inFlight("expired with the client's data in flight", Host.SERVER, run -> run.clientDoes("send 11")),
            inFlight("expired with the server's data in flight", Host.CLIENT, run -> run.serverDoes("send 21")),
            expired(
                    "expired when half-closed by the client",
                    run -> {
                        run.open();
                        run.finish(Host.CLIENT);
                    },
                    run -> run.serverDoes("send 21")),
            expired(
                    "expired when half-closed by the server",
                    run -> {
                        run.open();
                        run.finish(Host.SERVER);
                    },
                    run -> run.clientDoes("send 11")),
            new Case("expired when the server had stopped reading", run -> {
                run.phase("open");
                run.listen("receiveBuffer=4096", "read=off");
                run.connect();
                run.client.await(run.connection(), "connected");
                run.server.await(run.connection(), "accepted");
                run.phase("fill");
                run.clientDoes("fill");
                idleFor(Duration.ofSeconds(12));
                run.phase("then");
                run.serverDoes("read");
                idleFor(A_WHILE);
            }));

    private Cases() {}

    private static Case live(String name, Duration watched, Consumer<CaseRun> script) {
        return new Case("live: " + name, run -> {
            run.open();
            run.phase("then");
            script.accept(run);
            idleFor(watched);
        });
    }

    private static Case keptByProbes(String name, BiConsumer<CaseRun, String> side) {
        return new Case(name, run -> {
            run.open();
            run.phase("idle");
            side.accept(run, KEEPALIVE);
            idleFor(TestedMiddlebox.IDLE_TIMEOUT.multipliedBy(2).plusMillis(500));
            side.accept(run, "set keepAlive=off");
            run.phase("then");
            run.exchange(11, 21);
        });
    }

    private static Case expired(String name, Consumer<CaseRun> script) {
        return expired("expired: " + name, run -> run.open(), script);
    }

    private static Case expired(String name, Consumer<CaseRun> before, Consumer<CaseRun> script) {
        return new Case(name, run -> {
            before.accept(run);
            run.idle(EXPIRED);
            run.phase("then");
            script.accept(run);
            idleFor(A_WHILE);
        });
    }

    private static Case inFlight(String name, Host receiver, Consumer<CaseRun> send) {
        return new Case(name, run -> {
            run.open();
            run.phase("in flight");
            run.blackhole(receiver);
            send.accept(run);
            idleFor(EXPIRED);
            run.heal(receiver);
            run.phase("then");
            idleFor(A_WHILE);
        });
    }
}
