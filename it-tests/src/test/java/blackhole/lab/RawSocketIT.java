package blackhole.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import blackhole.middlebox.flow.FlowState;
import blackhole.middlebox.flow.Leg;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** What an expired flow's peers see, without Kafka between. */
class RawSocketIT {
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration LONG_ENOUGH_TO_BE_ANSWERED = Duration.ofSeconds(10);
    private static final int TCP_ESTABLISHED = 1;

    @Test
    void afterExpiryAPeerGetsNeitherAcknowledgementNorFinNorRstNorData() throws Exception {
        try (Pair ipv4 = new Pair("127.0.0.1", IDLE_TIMEOUT);
                Pair ipv6 = new Pair("::1", IDLE_TIMEOUT)) {
            List<Pair> pairs = List.of(ipv4, ipv6);
            long beforeLastActivity = System.nanoTime();
            pairs.forEach(Pair::exchange);
            for (Pair pair : pairs) {
                FlowExpired expired = pair.awaitExpiry();
                Duration idle = Duration.ofNanos(System.nanoTime() - beforeLastActivity);
                assertThat(expired.idle()).isGreaterThanOrEqualTo(IDLE_TIMEOUT);
                assertThat(idle).isBetween(IDLE_TIMEOUT, IDLE_TIMEOUT.plusSeconds(2));
            }

            for (Pair pair : pairs) {
                pair.client.send("into the void");
                pair.upstream.send("from the other side");
            }
            idleFor(LONG_ENOUGH_TO_BE_ANSWERED);

            assertThat(pairs).allSatisfy(pair -> {
                assertSilence(pair, pair.client, Leg.CLIENT);
                assertSilence(pair, pair.upstream, Leg.UPSTREAM);
            });
        }
    }

    private static void assertSilence(Pair pair, RawPeer peer, Leg leg) {
        assertThat(peer.tcpInfo().state()).isEqualTo(TCP_ESTABLISHED);
        assertThat(peer.tcpInfo().unacked()).isPositive();
        assertThat(peer.tcpInfo().retransmits()).isPositive();
        assertThat(peer.ends()).isEmpty();
        assertThat(peer.received()).isEqualTo(Pair.GREETING.length());
        assertThat(pair.proxy.events(SegmentDiscarded.class))
                .filteredOn(event -> event.leg() == leg)
                .hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    void peerThatSendsKeepaliveProbesAloneKeepsTheFlow() throws Exception {
        try (Pair client = new Pair("127.0.0.1", IDLE_TIMEOUT);
                Pair client6 = new Pair("::1", IDLE_TIMEOUT);
                Pair upstream = new Pair("127.0.0.1", IDLE_TIMEOUT)) {
            List<Pair> pairs = List.of(client, client6, upstream);
            pairs.forEach(Pair::exchange);
            client.client.keepAlive();
            client6.client.keepAlive();
            upstream.upstream.keepAlive();

            idleFor(IDLE_TIMEOUT.multipliedBy(3));

            assertThat(pairs).allSatisfy(pair -> {
                assertThat(pair.proxy.events(FlowExpired.class)).isEmpty();
                assertThat(pair.proxy.proxy().flows()).singleElement().satisfies(flow -> assertThat(flow.state())
                        .isEqualTo(FlowState.LIVE));
            });
        }
    }

    @Test
    void newConnectionAfterAnExpiryWorksAtOnce() throws Exception {
        try (Pair pair = new Pair("127.0.0.1", Duration.ofMillis(500))) {
            pair.exchange();
            pair.awaitExpiry();

            RawPeer client = RawPeer.connect(pair.proxy.address());
            RawPeer upstream = pair.server.accepted();
            client.send("again");

            await().untilAsserted(() -> assertThat(upstream.received()).isEqualTo(5));
            client.close();
        }
    }

    @Test
    void bulkTransferBothWaysAtOnceArrivesIntact() throws Exception {
        int chunk = 1 << 20;
        int chunks = 200;
        try (Pair pair = new Pair("127.0.0.1", Duration.ofMinutes(5))) {
            byte[] up = new byte[chunk];
            byte[] down = new byte[chunk];
            new Random(1).nextBytes(up);
            new Random(2).nextBytes(down);

            Thread sender = new Thread(() -> sendAll(pair.upstream, down, chunks));
            sender.start();
            sendAll(pair.client, up, chunks);
            sender.join();

            long bytes = (long) chunk * chunks;
            await().atMost(1, TimeUnit.MINUTES).untilAsserted(() -> {
                assertThat(pair.upstream.received()).isEqualTo(bytes);
                assertThat(pair.client.received()).isEqualTo(bytes);
            });
            assertThat(pair.upstream.checksum()).isEqualTo(checksum(up, chunks));
            assertThat(pair.client.checksum()).isEqualTo(checksum(down, chunks));
            Flow flow = pair.proxy.proxy().flows().get(0);
            assertThat(flow.client().bytesReceived()).isEqualTo(bytes);
            assertThat(flow.upstream().bytesReceived()).isEqualTo(bytes);
        }
    }

    private static void sendAll(RawPeer peer, byte[] content, int times) {
        for (int i = 0; i < times; i++) {
            ByteBuf bytes = Unpooled.wrappedBuffer(content);
            peer.send(bytes);
        }
    }

    private static long checksum(byte[] content, int times) {
        CRC32 checksum = new CRC32();
        for (int i = 0; i < times; i++) {
            checksum.update(content);
        }
        return checksum.getValue();
    }

    private static void idleFor(Duration time) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
    }

    /** A client and an upstream with a proxy between. */
    private static final class Pair implements AutoCloseable {
        static final String GREETING = "hello";

        final RawPeer.Server server;
        final WatchedProxy proxy;
        final RawPeer client;
        final RawPeer upstream;

        Pair(String host, Duration idleTimeout) throws InterruptedException {
            server = new RawPeer.Server(host);
            proxy = WatchedProxy.start(server.address(), settings -> settings.idleTimeout(idleTimeout));
            client = RawPeer.connect(proxy.address());
            upstream = server.accepted();
        }

        void exchange() {
            client.send(GREETING);
            upstream.send(GREETING);
            await().untilAsserted(() -> {
                assertThat(client.received()).isEqualTo(GREETING.length());
                assertThat(upstream.received()).isEqualTo(GREETING.length());
            });
        }

        FlowExpired awaitExpiry() {
            await().pollInterval(10, TimeUnit.MILLISECONDS)
                    .until(() -> !proxy.events(FlowExpired.class).isEmpty());
            return proxy.events(FlowExpired.class).get(0);
        }

        @Override
        public void close() {
            client.close();
            upstream.close();
            proxy.close();
            server.close();
        }
    }
}
