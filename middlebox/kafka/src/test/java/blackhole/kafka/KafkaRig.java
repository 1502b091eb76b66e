package blackhole.kafka;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** A proxy with a Kafka route to a server socket of the test's own, and the route's log. */
final class KafkaRig implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger("blackhole.kafka");

    final ServerSocket server;
    final Middlebox proxy;
    final List<String> log = new CopyOnWriteArrayList<>();
    private final List<Peer> peers = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            log.add(line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    KafkaRig() throws IOException {
        this(route -> route);
    }

    KafkaRig(UnaryOperator<KafkaRoute> settings) throws IOException {
        server = listening();
        proxy = start(server, settings);
        LOGGER.addHandler(handler);
    }

    static ServerSocket listening() throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        server.setSoTimeout(20_000);
        return server;
    }

    static Middlebox start(ServerSocket server, UnaryOperator<KafkaRoute> settings) {
        return settings.apply(KafkaRoute.parse("0=127.0.0.1:" + server.getLocalPort()))
                .addTo(Middlebox.builder())
                .start();
    }

    /** A client and the broker that the proxy connected it to. */
    record Flow(Peer client, Peer broker) {
        /** Sends a request, and returns what the client gets when the broker answers with this. */
        byte[] exchange(byte[] request, byte[] response) throws IOException {
            client.send(request);
            broker.receive(request.length);
            broker.send(response);
            return client.receiveFrame();
        }
    }

    Flow open() throws IOException {
        return open(Endpoint.of(proxy.address()), server);
    }

    Flow open(Endpoint proxied, ServerSocket behind) throws IOException {
        return new Flow(remember(Peer.connect(proxied)), remember(Peer.accept(behind)));
    }

    private Peer remember(Peer peer) {
        peers.add(peer);
        return peer;
    }

    static Endpoint addressOf(ServerSocket server) {
        return new Endpoint("127.0.0.1", server.getLocalPort());
    }

    @Override
    public void close() throws IOException {
        LOGGER.removeHandler(handler);
        for (Peer peer : peers) {
            peer.close();
        }
        proxy.close();
        server.close();
    }
}
