package blackhole.client.socket;

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
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With the agent in this JVM, real producers connect to a listener that accepts and says nothing. */
class SocketTuningIT {

    private static final SocketOptions FIX = SocketOptions.keepAlive(Duration.ofSeconds(37), Duration.ofSeconds(9), 3)
            .withUserTimeout(Duration.ofSeconds(20));

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
    void everyOptionOfAProducerIsWhatTheKernelHolds() throws Exception {
        Heard heard = new Heard();

        producer(FIX, heard);

        TunedSocket socket = heard.nextOpened();
        assertThat(socket.inForce()).contains(FIX);
        assertThat(socket.problems()).isEmpty();
        assertThat(socket.remote().getPort()).isEqualTo(server.getLocalPort());
        assertThat(accepted().getPort()).isEqualTo(socket.local().getPort());
        await().atMost(SOON).until(() -> timerOf(socket), timer -> timer.equals("02"));
    }

    @Test
    void offLeavesNoTimerAlthoughKafkaTurnsKeepaliveOn() throws Exception {
        Heard heard = new Heard();

        producer(SocketOptions.OFF, heard);

        TunedSocket socket = heard.nextOpened();
        assertThat(socket.inForce().orElseThrow().keepAlive()).isFalse();
        assertThat(socket.inForce().orElseThrow().userTimeout()).isEmpty();
        assertThat(socket.problems()).isEmpty();
        accepted();
        await().atMost(SOON).until(() -> timerOf(socket), timer -> timer.equals("00"));
    }

    @Test
    void userTimeoutAloneIsSetWithKeepaliveOff() throws Exception {
        Heard heard = new Heard();

        producer(SocketOptions.OFF.withUserTimeout(Duration.ofMillis(2345)), heard);

        SocketOptions inForce = heard.nextOpened().inForce().orElseThrow();
        assertThat(inForce.keepAlive()).isFalse();
        assertThat(inForce.userTimeout()).contains(Duration.ofMillis(2345));
    }

    @Test
    void producersInOneJvmKeepTheirOwnOptions() throws Exception {
        Heard first = new Heard();
        Heard second = new Heard();

        producer(FIX, first);
        producer(SocketOptions.OFF, second);

        assertThat(first.nextOpened().inForce()).contains(FIX);
        assertThat(second.nextOpened().inForce().orElseThrow().keepAlive()).isFalse();
    }

    @Test
    void producerOutsideTheScopeIsLeftToKafka() throws Exception {
        newProducer();

        Socket peer = accepted();

        await().atMost(SOON).untilAsserted(() -> assertThat(timer(peer.getPort(), server.getLocalPort()))
                .isEqualTo("02"));
    }

    @Test
    void otherSocketsMadeInTheScopeAreLeftAlone() throws Exception {
        Heard heard = new Heard();

        SelectionKey key = SocketTuning.with(FIX, heard, this::connectWithoutKafka);

        SocketChannel channel = (SocketChannel) key.channel();
        assertThat(channel.getOption(StandardSocketOptions.SO_KEEPALIVE)).isFalse();
        assertThat(channel.keyFor(key.selector())).isSameAs(key);
        assertThat(heard.opened).isEmpty();
    }

    @Test
    void connectionThatThePeerEndedIsReportedAsSuch() throws Exception {
        Heard heard = new Heard();
        producer(FIX, heard);

        accepted().close();

        assertThat(heard.nextEnd()).isEqualTo(SocketEnd.PEER);
    }

    @Test
    void connectionThatWasResetIsReportedAsEndedByTheKernel() throws Exception {
        Heard heard = new Heard();
        producer(FIX, heard);

        Socket peer = accepted();
        peer.setSoLinger(true, 0);
        peer.close();

        assertThat(heard.nextEnd()).isEqualTo(SocketEnd.KERNEL);
    }

    @Test
    void connectionThatTheProducerClosesIsReportedAsEndedByTheClient() throws Exception {
        Heard heard = new Heard();
        Producer<String, String> producer = producer(FIX, heard);
        accepted();

        producer.close(Duration.ZERO);

        assertThat(heard.nextEnd()).isEqualTo(SocketEnd.CLIENT);
    }

    private Producer<String, String> producer(SocketOptions options, SocketListener listener) {
        return SocketTuning.with(options, listener, this::newProducer);
    }

    private Producer<String, String> newProducer() {
        // Without idempotence, because close() would wait a request timeout for a producer id that never comes.
        Map<String, Object> properties = Map.of(
                "bootstrap.servers", "127.0.0.1:" + server.getLocalPort(),
                "enable.idempotence", "false",
                "reconnect.backoff.ms", "60000",
                "reconnect.backoff.max.ms", "60000");
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

    /** The kernel's own table, proc_pid_net(5): field "tr" is 00 for no timer, 02 for keepalive; 01 passes soon. */
    private static String timer(int localPort, int remotePort) throws IOException {
        String local = String.format(":%04X", localPort);
        String remote = String.format(":%04X", remotePort);
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            for (String line : Files.readAllLines(Path.of(table), US_ASCII)) {
                String[] fields = line.trim().split("\\s+");
                if (fields[1].endsWith(local) && fields[2].endsWith(remote)) {
                    return fields[5].substring(0, 2);
                }
            }
        }
        return "no such socket";
    }

    private static final class Heard implements SocketListener {
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
