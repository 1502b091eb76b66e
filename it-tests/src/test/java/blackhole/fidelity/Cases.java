package blackhole.fidelity;

import blackhole.fidelity.Namespaces.Host;
import java.time.Duration;
import java.util.List;

/** What is played against both middles. */
final class Cases {
    /** Past the idle timeout, with room for a slow machine. */
    private static final Duration EXPIRED = Middle.IDLE_TIMEOUT.plusMillis(1500);

    /** Long enough to see four retransmissions: after 0.2, 0.6, 1.4 and 3 s. */
    private static final Duration A_WHILE = Duration.ofSeconds(5);

    /** The idle time comes last: where it is over already, a probe is sent at once. */
    private static final String KEEPALIVE = "set keepAlive=on keepInterval=1 keepCount=3 keepIdle=1";

    static final List<Case> ALL = List.of(
            new Case("live: client closes", play -> {
                play.open();
                play.then();
                play.finish(Host.CLIENT);
                play.serverDoes("close");
                play.watch(Duration.ofSeconds(1));
            }),
            new Case("live: server closes", play -> {
                play.open();
                play.then();
                play.finish(Host.SERVER);
                play.clientDoes("close");
                play.watch(Duration.ofSeconds(1));
            }),
            new Case("live: client resets", play -> {
                play.open();
                play.then();
                play.clientDoes("reset");
                play.watch(Duration.ofSeconds(1));
            }),
            new Case("live: server resets", play -> {
                play.open();
                play.then();
                play.serverDoes("reset");
                play.watch(Duration.ofSeconds(1));
            }),
            new Case("live: server refuses", play -> {
                play.then();
                play.connect();
                play.watch(Duration.ofSeconds(1));
            }),
            new Case("live: server is unreachable", play -> {
                play.blackhole(Host.SERVER);
                play.then();
                play.connect();
                play.watch(A_WHILE);
            }),
            new Case("live: idle for a shorter time", play -> {
                play.open();
                play.idle(Middle.IDLE_TIMEOUT.dividedBy(2));
                play.then();
                play.exchange(11, 21);
            }),
            new Case("live: client's keepalive", play -> {
                play.open();
                play.phase("idle");
                play.clientDoes(KEEPALIVE);
                play.watch(Middle.IDLE_TIMEOUT.multipliedBy(2).plusMillis(500));
                play.clientDoes("set keepAlive=off");
                play.then();
                play.exchange(11, 21);
            }),
            new Case("live: server's keepalive", play -> {
                play.open();
                play.phase("idle");
                play.serverDoes(KEEPALIVE);
                play.watch(Middle.IDLE_TIMEOUT.multipliedBy(2).plusMillis(500));
                play.serverDoes("set keepAlive=off");
                play.then();
                play.exchange(11, 21);
            }),
            new Case("live: client's keepalive, server dead", play -> {
                play.open();
                play.then();
                play.blackhole(Host.SERVER);
                play.clientDoes(KEEPALIVE);
                play.watch(Duration.ofSeconds(6));
            }),
            new Case("live: half-closed by the client, idle for a shorter time", play -> {
                play.open();
                play.finish(Host.CLIENT);
                play.idle(Middle.HALF_CLOSED_TIMEOUT.plusMillis(200));
                play.then();
                play.serverDoes("send 21");
                play.watch(Duration.ofSeconds(2));
            }),
            new Case("expired: client sends", play -> {
                play.open();
                play.idle(EXPIRED);
                play.then();
                play.clientDoes("send 11");
                play.watch(A_WHILE);
            }),
            new Case("expired: server sends", play -> {
                play.open();
                play.idle(EXPIRED);
                play.then();
                play.serverDoes("send 21");
                play.watch(A_WHILE);
            }),
            new Case("expired: both send at once", play -> {
                play.open();
                play.idle(EXPIRED);
                play.then();
                play.clientDoes("send 11");
                play.serverDoes("send 21");
                play.watch(A_WHILE);
            }),
            new Case("expired: client's keepalive begins too late", play -> {
                play.open();
                play.idle(EXPIRED);
                play.then();
                play.clientDoes(KEEPALIVE);
                play.watch(A_WHILE);
            }),
            new Case("expired: server's keepalive begins too late", play -> {
                play.open();
                play.idle(EXPIRED);
                play.then();
                play.serverDoes(KEEPALIVE);
                play.watch(A_WHILE);
            }),
            new Case("expired: client sends, with a user timeout", play -> {
                play.open("userTimeout=2000");
                play.idle(EXPIRED);
                play.then();
                play.clientDoes("send 11");
                play.watch(A_WHILE);
            }),
            new Case("expired: server sends, with a user timeout", play -> {
                play.phase("open");
                play.listen("userTimeout=2000");
                play.establish();
                play.idle(EXPIRED);
                play.then();
                play.serverDoes("send 21");
                play.watch(A_WHILE);
            }),
            new Case("expired: client closes", play -> {
                play.open();
                play.idle(EXPIRED);
                play.then();
                play.clientDoes("close");
                play.watch(A_WHILE);
            }),
            new Case("expired: server closes", play -> {
                play.open();
                play.idle(EXPIRED);
                play.then();
                play.serverDoes("close");
                play.watch(A_WHILE);
            }),
            new Case("expired: client resets", play -> {
                play.open();
                play.idle(EXPIRED);
                play.then();
                play.clientDoes("reset");
                play.watch(Duration.ofSeconds(1));
                play.serverDoes("send 21");
                play.watch(A_WHILE);
            }),
            new Case("expired: server resets", play -> {
                play.open();
                play.idle(EXPIRED);
                play.then();
                play.serverDoes("reset");
                play.watch(A_WHILE);
            }),
            new Case("expired: client is killed", play -> {
                play.ownClient();
                play.open();
                play.idle(EXPIRED);
                play.then();
                play.client().kill();
                play.watch(Duration.ofSeconds(1));
                play.serverDoes("send 21");
                play.watch(A_WHILE);
            }),
            new Case("expired: server is killed", play -> {
                play.ownServer();
                play.open();
                play.idle(EXPIRED);
                play.then();
                play.server().kill();
                play.watch(A_WHILE);
            }),
            new Case("expired: client sends, then reconnects", play -> {
                play.open();
                play.idle(EXPIRED);
                play.then();
                play.clientDoes("send 11");
                play.watch(Duration.ofSeconds(2));
                play.clientDoes("reset");
                play.establish();
                play.watch(Duration.ofSeconds(1));
            }),
            new Case("expired: client reconnects from the same port", play -> {
                play.open("localPort=60000");
                play.idle(EXPIRED);
                play.then();
                play.clientDoes("reset");
                play.watch(Duration.ofSeconds(1));
                play.connect("localPort=60000");
                play.watch(A_WHILE);
            }),
            new Case("expired with the client's data in flight", play -> {
                play.open();
                play.phase("in flight");
                play.blackhole(Host.SERVER);
                play.clientDoes("send 11");
                play.watch(EXPIRED);
                play.heal(Host.SERVER);
                play.then();
                play.watch(A_WHILE);
            }),
            new Case("expired with the server's data in flight", play -> {
                play.open();
                play.phase("in flight");
                play.blackhole(Host.CLIENT);
                play.serverDoes("send 21");
                play.watch(EXPIRED);
                play.heal(Host.CLIENT);
                play.then();
                play.watch(A_WHILE);
            }),
            new Case("expired when half-closed by the client", play -> {
                play.open();
                play.finish(Host.CLIENT);
                play.idle(EXPIRED);
                play.then();
                play.serverDoes("send 21");
                play.watch(A_WHILE);
            }),
            new Case("expired when half-closed by the server", play -> {
                play.open();
                play.finish(Host.SERVER);
                play.idle(EXPIRED);
                play.then();
                play.clientDoes("send 11");
                play.watch(A_WHILE);
            }),
            new Case("expired when the server had stopped reading", play -> {
                play.phase("open");
                play.listen("receiveBuffer=4096", "read=off");
                play.connect();
                play.client().await(play.connection(), "connected");
                play.server().await(play.connection(), "accepted");
                play.phase("fill");
                play.clientDoes("fill");
                play.watch(Duration.ofSeconds(12));
                play.then();
                play.serverDoes("read");
                play.watch(A_WHILE);
            }));

    private Cases() {}
}
