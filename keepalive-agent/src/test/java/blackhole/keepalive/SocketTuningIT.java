package blackhole.keepalive;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With the agent in this JVM, producers connect to a server that accepts and never responds. */
class SocketTuningIT {

    private static final SocketOptions FIX = SocketOptions.keepAlive(Duration.ofSeconds(37), Duration.ofSeconds(9), 3)
            .withUserTimeout(Duration.ofSeconds(20));

    /** Of the times in /proc. */
    private static final long USER_HZ = 100;

    private static final Map<String, String> ONE_CONNECTION =
            Map.of("reconnect.backoff.ms", "60000", "reconnect.backoff.max.ms", "60000");

    private static final Duration SOON = Duration.ofSeconds(10);

    private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
    private ServerSocket server;

    @BeforeEach
    void listen() throws IOException {
        server = closing(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    }

    @AfterEach
    void closeAll() throws Exception {
        while (!toClose.isEmpty()) {
            toClose.pop().close();
        }
    }

    @Test
    void producersInOneJvmHaveTheirOwnOptionsInTheKernel() throws Exception {
        Recorder tuned = new Recorder();
        Recorder off = new Recorder();

        producer(FIX, tuned);
        producer(SocketOptions.OFF, off);

        TunedSocket fixed = tuned.nextOpened();
        assertThat(fixed.inForce()).isEqualTo(FIX);
        assertThat(fixed.problems()).isEmpty();
        assertThat(fixed.remote().getPort()).isEqualTo(server.getLocalPort());
        TunedSocket without = off.nextOpened();
        assertThat(Objects.requireNonNull(without.inForce()).keepAlive()).isFalse();
        assertThat(Objects.requireNonNull(without.inForce()).userTimeout()).isNull();
        assertThat(without.problems()).isEmpty();
        assertThat(List.of(accepted().getPort(), accepted().getPort()))
                .containsExactlyInAnyOrder(
                        fixed.local().getPort(), without.local().getPort());
        await().atMost(SOON).until(() -> timerOf(fixed), timer -> timer.startsWith("02:"));
        // Although Kafka turns keepalive on.
        await().atMost(SOON).until(() -> timerOf(without), timer -> timer.startsWith("00:"));
    }

    @Test
    void userTimeoutAloneIsSetWithKeepaliveOff() throws Exception {
        Recorder sockets = new Recorder();

        producer(SocketOptions.OFF.withUserTimeout(Duration.ofMillis(2345)), sockets);

        SocketOptions inForce = Objects.requireNonNull(sockets.nextOpened().inForce());
        assertThat(inForce.keepAlive()).isFalse();
        assertThat(inForce.userTimeout()).isEqualTo(Duration.ofMillis(2345));
    }

    @Test
    void producerOutsideTheScopeKeepsKafkasOptions() throws Exception {
        newProducer(ONE_CONNECTION);

        Socket peer = accepted();

        // Kafka turns keepalive on, with the system's two hours.
        await().atMost(SOON).untilAsserted(() -> {
            String[] timer = timer(peer.getPort(), server.getLocalPort()).split(":");
            assertThat(timer[0]).isEqualTo("02");
            assertThat(Long.parseLong(timer[1], 16) / USER_HZ).isBetween(7000L, 7200L);
        });
    }

    @Test
    void otherSocketsMadeInTheScopeAreLeftAlone() throws Exception {
        Recorder sockets = new Recorder();

        SelectionKey key = SocketTuning.with(FIX, sockets, this::connectWithoutKafka);

        SocketChannel channel = (SocketChannel) key.channel();
        assertThat(channel.getOption(StandardSocketOptions.SO_KEEPALIVE)).isFalse();
        assertThat(channel.keyFor(key.selector())).isSameAs(key);
        assertThat(sockets.opened).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void endOfAConnectionIsReportedWithWhoEndedIt(SocketEnd end) throws Exception {
        Recorder sockets = new Recorder();
        Producer<String, String> producer = producer(FIX, sockets);
        Socket peer = accepted();

        switch (end) {
            // Not close(), which sends a RST while the producer's first request is unread.
            case PEER -> peer.shutdownOutput();
            case KERNEL -> {
                peer.setSoLinger(true, 0);
                peer.close();
            }
            default -> producer.close(Duration.ZERO);
        }

        assertThat(sockets.nextEnd()).isEqualTo(end);
    }

    /** The peer's FIN arrives while the JDK still holds the descriptor, so the kernel's state is ambiguous. */
    @Test
    void connectionThatThePeerClosesInReturnIsStillEndedByTheClient() throws Exception {
        Recorder sockets = new Recorder();
        Thread peer = new Thread(this::closeAtEndOfStream);
        peer.start();

        SocketTuning.with(
                SocketOptions.OFF,
                sockets,
                () -> newProducer(Map.of(
                        "request.timeout.ms", "50", "reconnect.backoff.ms", "5", "reconnect.backoff.max.ms", "5")));

        for (int i = 0; i < 50; i++) {
            assertThat(sockets.nextEnd()).as("end " + i).isEqualTo(SocketEnd.CLIENT);
        }
        server.close();
        peer.join();
    }

    @Test
    void failingListenerDoesNotAffectTheProducer() throws Exception {
        producer(FIX, new SocketListener() {
            @Override
            public void opened(TunedSocket socket) {
                throw new IllegalStateException("on purpose");
            }
        });

        Socket peer = accepted();
        peer.setSoTimeout((int) SOON.toMillis());
        assertThat(peer.getInputStream().read())
                .as("the producer's first request")
                .isNotNegative();
    }

    private Producer<String, String> producer(SocketOptions options, SocketListener listener) {
        return SocketTuning.with(options, listener, () -> newProducer(ONE_CONNECTION));
    }

    private Producer<String, String> newProducer(Map<String, String> more) {
        Map<String, Object> properties = new HashMap<>(more);
        properties.put("bootstrap.servers", "127.0.0.1:" + server.getLocalPort());
        // With idempotence close() would wait a request timeout for a producer id.
        properties.put("enable.idempotence", "false");
        KafkaProducer<String, String> producer =
                new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
        toClose.push(() -> producer.close(Duration.ZERO));
        return producer;
    }

    private SelectionKey connectWithoutKafka() {
        try {
            java.nio.channels.Selector selector = closing(java.nio.channels.Selector.open());
            SocketChannel channel = closing(SocketChannel.open());
            channel.configureBlocking(false);
            channel.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()));
            return channel.register(selector, SelectionKey.OP_CONNECT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void closeAtEndOfStream() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                while (socket.getInputStream().read() >= 0) {
                    // Until the producer closes it.
                }
            } catch (IOException closed) {
                // By the producer, or the test.
            }
        }
    }

    private Socket accepted() throws IOException {
        server.setSoTimeout((int) SOON.toMillis());
        return closing(server.accept());
    }

    private <T extends AutoCloseable> T closing(T resource) {
        toClose.push(resource);
        return resource;
    }

    private static String timerOf(TunedSocket socket) throws IOException {
        return timer(socket.local().getPort(), socket.remote().getPort());
    }

    /**
     * The kernel's own table, proc_pid_net(5), fields {@code tr:tm->when}: which is 00 for no timer, 02 for keepalive, and 01
     * passes soon; and when, in hundredths of a second.
     */
    private static String timer(int localPort, int remotePort) throws IOException {
        String local = String.format(":%04X", localPort);
        String remote = String.format(":%04X", remotePort);
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            for (String line : Files.readAllLines(Path.of(table), US_ASCII)) {
                String[] fields = line.trim().split("\\s+");
                if (fields[1].endsWith(local) && fields[2].endsWith(remote)) {
                    return fields[5];
                }
            }
        }
        return "no such socket";
    }

    private static final class Recorder implements SocketListener {
        final BlockingQueue<TunedSocket> opened = new LinkedBlockingQueue<>();
        final BlockingQueue<SocketEnd> ended = new LinkedBlockingQueue<>();

        @Override
        public void opened(TunedSocket socket) {
            opened.add(socket);
        }

        @Override
        public void closed(TunedSocket socket, SocketEnd end) {
            ended.add(end);
        }

        TunedSocket nextOpened() throws InterruptedException {
            TunedSocket socket = opened.poll(SOON.toSeconds(), TimeUnit.SECONDS);
            assertThat(socket).as("a connection").isNotNull();
            return socket;
        }

        SocketEnd nextEnd() throws InterruptedException {
            SocketEnd end = ended.poll(SOON.toSeconds(), TimeUnit.SECONDS);
            assertThat(end).as("the end of a connection").isNotNull();
            return end;
        }
    }
}
