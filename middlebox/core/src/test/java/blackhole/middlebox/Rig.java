package blackhole.middlebox;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.Route;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.support.KernelSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;

/** A proxy with one route to a server socket of the test's own, and all events that the proxy told. */
final class Rig implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int BACKLOG = 1024;

    private final ServerSocket server;
    private final List<FlowEvent> events = new CopyOnWriteArrayList<>();
    private final List<RawPeer> peers = new ArrayList<>();
    private final Middlebox proxy;

    private Rig(Ip ip, UnaryOperator<Middlebox.Builder> settings) throws IOException {
        server = new ServerSocket(0, BACKLOG, InetAddress.getByName(ip.loopback));
        server.setSoTimeout((int) PATIENCE.toMillis());
        try {
            proxy = settings.apply(Middlebox.builder()
                            .route(new Route(
                                    new Endpoint(ip.loopback, 0), new Endpoint(ip.loopback, server.getLocalPort())))
                            .listener(events::add))
                    .start();
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    enum Ip {
        V4("127.0.0.1"),
        V6("::1");

        final String loopback;

        Ip(String loopback) {
            this.loopback = loopback;
        }
    }

    static Rig start() throws IOException {
        return start(settings -> settings);
    }

    static Rig start(UnaryOperator<Middlebox.Builder> settings) throws IOException {
        return start(Ip.V4, settings);
    }

    static Rig start(Ip ip, UnaryOperator<Middlebox.Builder> settings) throws IOException {
        return new Rig(ip, settings);
    }

    Middlebox proxy() {
        return proxy;
    }

    ServerSocket server() {
        return server;
    }

    KernelSocket kernelOfServer() {
        return KernelSocket.listening(server.getLocalPort());
    }

    /** A client of the proxy. */
    RawPeer connect() throws IOException {
        return remember(RawPeer.connect(proxy.address()));
    }

    /** The upstream's end of the next connection that the proxy makes. */
    RawPeer accept() throws IOException {
        return remember(RawPeer.accept(server));
    }

    private RawPeer remember(RawPeer peer) {
        peers.add(peer);
        return peer;
    }

    /** A new flow, known to the proxy. Not while others are being opened. */
    Pair open() throws IOException {
        long id = count(FlowEvent.FlowOpened.class) + 1;
        RawPeer client = connect();
        RawPeer upstream = accept();
        Awaitility.await()
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> count(FlowEvent.FlowOpened.class) >= id);
        return new Pair(client, upstream);
    }

    /** Both peers of a flow. */
    record Pair(RawPeer client, RawPeer upstream) {
        /** Something each way, so that both legs are known to work. */
        void greet() throws IOException {
            client.send("ping");
            assertThat(upstream.receive(4)).isEqualTo("ping");
            upstream.send("pong");
            assertThat(client.receive(4)).isEqualTo("pong");
        }
    }

    List<FlowEvent> events() {
        return events;
    }

    <E extends FlowEvent> List<E> events(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    long count(Class<? extends FlowEvent> type) {
        return events(type).size();
    }

    /** Waits for that many events of a kind and returns the first ones. */
    <E extends FlowEvent> List<E> await(Class<E> type, int number) {
        return await(type, number, PATIENCE);
    }

    <E extends FlowEvent> List<E> await(Class<E> type, int number, Duration patience) {
        Awaitility.await(number + " " + type.getSimpleName())
                .atMost(patience)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> count(type) >= number);
        return events(type).subList(0, number);
    }

    <E extends FlowEvent> E awaitOne(Class<E> type) {
        return await(type, 1).get(0);
    }

    /** Waits until the flow table is empty. */
    void awaitNoFlows() {
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
