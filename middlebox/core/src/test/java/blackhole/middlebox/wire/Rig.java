package blackhole.middlebox.wire;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Direction;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.support.OwnThread;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A proxy in front of a server socket, and plain sockets on both sides of it. */
final class Rig implements AutoCloseable {
    static final Duration LONG = Duration.ofSeconds(20);
    static final Duration MOMENT = Duration.ofMillis(400);

    private final ServerSocket server;
    private final List<FlowEvent> events = new CopyOnWriteArrayList<>();
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    final Middlebox proxy;

    /** Both ends of a flow. */
    record Pair(Socket client, Socket upstream) {
        /** A byte each way: the flow is live, and the last activity is now. */
        void exchange() throws IOException {
            send(client, upstream);
            send(upstream, client);
        }

        /** The end whose packets go in this direction, which is one of the two. */
        Socket sender(Direction direction) {
            return direction == Direction.CLIENT_TO_UPSTREAM ? client : upstream;
        }

        /** The other end. */
        Socket receiver(Direction direction) {
            return direction == Direction.CLIENT_TO_UPSTREAM ? upstream : client;
        }

        private static void send(Socket from, Socket to) throws IOException {
            from.getOutputStream().write('x');
            if (to.getInputStream().read() != 'x') {
                throw new IOException("the byte did not arrive");
            }
        }
    }

    private Rig(String host, MiddleboxConfig box) throws IOException {
        InetAddress address = InetAddress.getByName(host);
        server = new ServerSocket(0, 500, address);
        String bracketed = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        proxy = Middlebox.builder()
                .route(bracketed + ":0=" + bracketed + ":" + server.getLocalPort())
                .config(box)
                .eventLoops(1)
                .listener(events::add)
                .start();
    }

    static Rig start(String host, MiddleboxConfig box) throws IOException {
        return new Rig(host, box);
    }

    static Rig start(UnaryOperator<MiddleboxConfig> changes) throws IOException {
        return new Rig("127.0.0.1", changes.apply(MiddleboxConfig.DEFAULT));
    }

    int proxyPort() {
        return proxy.address().getPort();
    }

    int serverPort() {
        return server.getLocalPort();
    }

    /** A socket that is not connected; closed with the rig. */
    Socket socket() throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout((int) LONG.toMillis());
        sockets.add(socket);
        return socket;
    }

    Pair connect() throws IOException {
        Socket client = socket();
        client.connect(proxy.address(), (int) LONG.toMillis());
        return new Pair(client, accept());
    }

    /** A flow that was live and expires, as all others are. */
    Pair expired() throws IOException {
        Pair pair = connect();
        pair.exchange();
        proxy.expire(flow -> true);
        return pair;
    }

    Future<Pair> connectLater() {
        return OwnThread.call(this::connect);
    }

    Pair connectFrom(String address) throws IOException {
        return new Pair(connectWithoutUpstream(address), accept());
    }

    Socket connectWithoutUpstream(String address) throws IOException {
        Socket client = socket();
        client.bind(new InetSocketAddress(address, 0));
        client.connect(proxy.address(), (int) LONG.toMillis());
        return client;
    }

    Socket accept() throws IOException {
        server.setSoTimeout((int) LONG.toMillis());
        Socket upstream = server.accept();
        upstream.setSoTimeout((int) LONG.toMillis());
        sockets.add(upstream);
        return upstream;
    }

    void closeServer() throws IOException {
        server.close();
    }

    /** The id of a flow whose bytes have been relayed. */
    long idOf(Pair pair) {
        return proxy.flows().stream()
                .filter(flow -> flow.client().peer() != null
                        && flow.client().peer().getPort() == pair.client().getLocalPort())
                .findFirst()
                .orElseThrow()
                .id();
    }

    <E extends FlowEvent> Stream<E> events(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast);
    }

    /** The first event of this type and as wanted; waits for it. */
    <E extends FlowEvent> E await(Class<E> type, Predicate<E> wanted) {
        return Awaitility.await()
                .alias(type.getSimpleName())
                .pollInterval(Duration.ofMillis(10))
                .atMost(LONG)
                .until(() -> events(type).filter(wanted).findFirst(), Optional::isPresent)
                .orElseThrow();
    }

    /** What {@code from} sends is not acknowledged, and {@code to} sees nothing. */
    static void assertSilent(Socket from, Socket to) throws Exception {
        from.getOutputStream().write('?');
        assertThat(Watch.over(to).within(MOMENT).what()).isEqualTo(Watch.Sight.SILENCE);
        assertThat(Watch.over(from).within(MOMENT).what()).isEqualTo(Watch.Sight.SILENCE);
    }

    /** Time in which nothing happens, as the thing that is tested. */
    static void idleFor(Duration time) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
    }

    @Override
    public void close() throws IOException {
        proxy.reset(flow -> true);
        for (Socket socket : sockets) {
            socket.close();
        }
        server.close();
        proxy.close();
    }
}
