package blackhole.middlebox;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Route;
import blackhole.middlebox.config.Upstream;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.middlebox.flow.Leg;
import blackhole.support.KernelSocket;
import blackhole.support.OwnThread;
import blackhole.support.RawPeer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;

/** A proxy with one route to a server socket of the test's own, and all its events. */
public final class Rig implements AutoCloseable {
    public static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final int BACKLOG = 1024;

    private final ServerSocket server;
    private final List<FlowEvent> events = new CopyOnWriteArrayList<>();
    private final Queue<RawPeer> peers = new ConcurrentLinkedQueue<>();
    private final Middlebox proxy;

    private Rig(Ip ip, UnaryOperator<Middlebox.Builder> settings) throws IOException {
        server = new ServerSocket(0, BACKLOG, InetAddress.getByName(ip.loopback));
        server.setSoTimeout((int) PATIENCE.toMillis());
        try {
            proxy = settings.apply(Middlebox.builder()
                            .route(new Route(
                                    new Endpoint(ip.loopback, 0),
                                    new Upstream.Server(new Endpoint(ip.loopback, server.getLocalPort()))))
                            .listener(events::add))
                    .start();
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    public enum Ip {
        V4("127.0.0.1"),
        V6("::1");

        final String loopback;

        Ip(String loopback) {
            this.loopback = loopback;
        }
    }

    public static Rig start() throws IOException {
        return start(settings -> settings);
    }

    public static Rig start(UnaryOperator<Middlebox.Builder> settings) throws IOException {
        return start(Ip.V4, settings);
    }

    public static Rig start(Ip ip, UnaryOperator<Middlebox.Builder> settings) throws IOException {
        return new Rig(ip, settings);
    }

    /** Starts a proxy on one event loop, with the default configuration but for {@code changes}. */
    public static Rig startWith(UnaryOperator<MiddleboxConfig> changes) throws IOException {
        return start(settings ->
                settings.config(changes.apply(MiddleboxConfig.DEFAULT)).eventLoops(1));
    }

    public Middlebox proxy() {
        return proxy;
    }

    public ServerSocket server() {
        return server;
    }

    public KernelSocket kernelOfServer() {
        return KernelSocket.listening(server.getLocalPort());
    }

    /** A client of the proxy. */
    public RawPeer connect() throws IOException {
        return remember(RawPeer.connect(proxy.address()));
    }

    /** A client that has the proxy's address and a source address of 127.0.0.0/8. */
    public RawPeer connectFrom(String address) throws IOException {
        return remember(RawPeer.connectFrom(address, proxy.address()));
    }

    /** The upstream's end of the next connection that the proxy makes. */
    public RawPeer accept() throws IOException {
        return remember(RawPeer.accept(server));
    }

    private RawPeer remember(RawPeer peer) {
        peers.add(peer);
        return peer;
    }

    /** A new flow, which the proxy tracks. Not while others are being opened. */
    public Pair open() throws IOException {
        long id = count(FlowOpened.class) + 1;
        Pair pair = new Pair(connect(), accept());
        await(FlowOpened.class, (int) id);
        return pair;
    }

    public Pair openFrom(String address) throws IOException {
        return new Pair(connectFrom(address), accept());
    }

    /** Opens a flow as soon as the proxy lets it, maybe next to others. */
    public Future<Pair> openLater() {
        return OwnThread.call(() -> new Pair(connect(), accept()));
    }

    /** A flow that was live and has been expired by command, with all others. */
    public Pair expired() throws IOException {
        Pair pair = open();
        pair.greet();
        proxy.expire(flow -> true);
        return pair;
    }

    /** A flow that was live and has expired because it was idle. */
    public Pair idledOut() throws IOException {
        Pair pair = open();
        pair.greet();
        await(FlowExpired.class, 1);
        return pair;
    }

    /** Both peers of a flow. */
    public record Pair(RawPeer client, RawPeer upstream) {
        /** Sends something each way, to show that both legs work. */
        public void greet() throws IOException {
            client.send("ping");
            assertThat(upstream.receive(4)).isEqualTo("ping");
            upstream.send("pong");
            assertThat(client.receive(4)).isEqualTo("pong");
        }

        public RawPeer peer(Leg leg) {
            return leg == Leg.CLIENT ? client : upstream;
        }

        public RawPeer otherPeer(Leg leg) {
            return leg == Leg.CLIENT ? upstream : client;
        }
    }

    /** The id of a flow that the proxy tracks. */
    public long idOf(Pair pair) {
        return proxy.flows().stream()
                .filter(flow -> pair.client().address().equals(flow.client().peer()))
                .findFirst()
                .orElseThrow()
                .id();
    }

    public <E extends FlowEvent> List<E> events(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    public long count(Class<? extends FlowEvent> type) {
        return events(type).size();
    }

    /** Waits for that many events of a kind and returns the first ones. */
    public <E extends FlowEvent> List<E> await(Class<E> type, int number) {
        return await(type, event -> true, number);
    }

    public <E extends FlowEvent> E awaitOne(Class<E> type) {
        return awaitOne(type, event -> true);
    }

    /** Waits for an event and returns it. */
    public <E extends FlowEvent> E awaitOne(Class<E> type, Predicate<E> wanted) {
        return await(type, wanted, 1).get(0);
    }

    private <E extends FlowEvent> List<E> await(Class<E> type, Predicate<E> wanted, int number) {
        return Awaitility.await(number + " " + type.getSimpleName())
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(
                        () -> events(type).stream().filter(wanted).limit(number).toList(),
                        found -> found.size() == number);
    }

    public void awaitNoFlows() {
        Awaitility.await("no flows").atMost(PATIENCE).until(() -> proxy.flows().isEmpty());
    }

    @Override
    public void close() throws IOException {
        for (RawPeer peer : peers) {
            peer.close();
        }
        proxy.close();
        server.close();
    }
}
