package blackhole.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.kafka.KafkaRig.Flow;
import blackhole.middlebox.flow.Flow.LegStatus;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What passes through a flow, and what ends it. */
class StreamsTest {
    private static final short PROPRIETARY = 10_005;

    private static byte[] metadata(int correlationId) {
        MetadataResponseData metadata = new MetadataResponseData();
        metadata.brokers()
                .add(new MetadataResponseBroker()
                        .setNodeId(1)
                        .setHost("broker.invalid")
                        .setPort(9092));
        return Peer.response(ApiKeys.METADATA, 9, correlationId, metadata);
    }

    private static String hostIn(byte[] frame, int correlationId) {
        return Peer.parse(frame, ApiKeys.METADATA, 9, correlationId, new MetadataResponseData())
                .brokers()
                .find(1)
                .host();
    }

    @Test
    void piecesOfFramesAreFoundInBothDirections() throws Exception {
        byte[] requests = Peer.join(
                Peer.request(ApiKeys.HEARTBEAT, 0, 1, new byte[5]),
                Peer.request(ApiKeys.METADATA, 9, 2, new byte[5]),
                Peer.request(PROPRIETARY, 0, 3, "", new byte[0]));
        byte[] heartbeat = Peer.frame(new byte[] {0, 0, 0, 1}, new byte[9]);
        byte[] last = Peer.frame(new byte[] {0, 0, 0, 3});
        try (KafkaRig rig = new KafkaRig()) {
            Flow flow = rig.open();

            flow.client().sendInPieces(requests);
            byte[] arrived = flow.broker().receive(requests.length);
            flow.broker().sendInPieces(Peer.join(heartbeat, metadata(2), last));

            assertThat(arrived).isEqualTo(requests);
            assertThat(flow.client().receiveFrame()).isEqualTo(heartbeat);
            assertThat(hostIn(flow.client().receiveFrame(), 2)).isEqualTo("127.0.0.1");
            assertThat(flow.client().receiveFrame()).isEqualTo(last);
            assertThat(rig.proxy.flows()).singleElement().satisfies(seen -> assertThat(seen.description())
                    .isEqualTo("bootstrap, a-client, API 10005"));
        }
    }

    @Test
    void pipelinedRequestsWithoutResponsesBetweenThemDoNotConfuseTheProxy() throws Exception {
        byte[] withoutResponse = Peer.request(ApiKeys.PRODUCE, 12, 2, new byte[40]);
        byte[] requests = Peer.join(
                Peer.request(ApiKeys.METADATA, 9, 1, new byte[5]),
                withoutResponse,
                Peer.request(ApiKeys.PRODUCE, 12, 3, new byte[40]),
                Peer.request(ApiKeys.METADATA, 9, 4, new byte[5]));
        try (KafkaRig rig = new KafkaRig()) {
            Flow flow = rig.open();

            flow.client().send(requests);
            flow.broker().receive(requests.length);
            flow.broker().send(Peer.join(metadata(1), metadata(4)));

            assertThat(hostIn(flow.client().receiveFrame(), 1)).isEqualTo("127.0.0.1");
            assertThat(hostIn(flow.client().receiveFrame(), 4)).isEqualTo("127.0.0.1");
        }
    }

    @Test
    void tokensAfterAnOldSaslHandshakePassWithoutAHeader() throws Exception {
        byte[] handshake = Peer.request(ApiKeys.SASL_HANDSHAKE, 0, 1, new byte[] {0, 5, 'P', 'L', 'A', 'I', 'N'});
        byte[] token = Peer.frame("\0al\0pw".getBytes(StandardCharsets.UTF_8));
        byte[] accepted = Peer.frame(new byte[0]);
        byte[] handshakeAnswer = Peer.frame(new byte[] {0, 0, 0, 1, 0, 0, 0, 0, 0, 0});
        try (KafkaRig rig = new KafkaRig()) {
            Flow flow = rig.open();
            assertThat(flow.exchange(handshake, handshakeAnswer)).isEqualTo(handshakeAnswer);
            flow.client().send(token);
            assertThat(flow.broker().receiveFrame()).isEqualTo(token);
            flow.broker().send(accepted);
            assertThat(flow.client().receiveFrame()).isEqualTo(accepted);

            byte[] answer = flow.exchange(Peer.request(ApiKeys.METADATA, 9, 2, new byte[5]), metadata(2));

            assertThat(hostIn(answer, 2)).isEqualTo("127.0.0.1");
        }
    }

    @Test
    void responseOfAHundredMegabytesStreamsThrough() throws Exception {
        int size = 100 << 20;
        ByteBufAllocatorMetricProvider memory = (ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT;
        try (KafkaRig rig = new KafkaRig()) {
            Flow flow = rig.open();
            flow.client().send(Peer.request(ApiKeys.FETCH, 15, 1, new byte[30]));
            flow.broker().receiveFrame();
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    flow.broker().out().writeInt(size);
                    flow.broker().out().writeInt(1);
                    byte[] chunk = new byte[1 << 20];
                    for (int left = size - 4; left > 0; left -= chunk.length) {
                        flow.broker().out().write(chunk, 0, Math.min(left, chunk.length));
                    }
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });

            long most = 0;
            for (long received = 0;
                    received < size + 4;
                    received += flow.client().skip(Math.min(1 << 20, size + 4 - received))) {
                most = Math.max(most, memory.metric().usedDirectMemory());
            }

            sent.join();
            assertThat(most).isLessThan(size / 4);
            assertThat(rig.proxy.flows())
                    .extracting(each -> each.upstream())
                    .extracting(LegStatus::bytesReceived)
                    .containsExactly(size + 4L);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n\r\n",
                "\177\177\177\177 a request of 2 GB",
                "\0\0\0\u0003abc",
                "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003 a ClientHello"
            })
    void garbageFromAClientEndsItsFlowOnly(String garbage) throws Exception {
        try (KafkaRig rig = new KafkaRig()) {
            Flow other = rig.open();
            Flow flow = rig.open();

            flow.client().send(garbage.getBytes(StandardCharsets.ISO_8859_1));

            assertThat(flow.client().hasEnded()).isTrue();
            assertThat(flow.broker().hasEnded()).isTrue();
            assertThat(rig.log).singleElement().asString().contains("ended because of its client: ");
            assertWorks(other);
            assertThat(rig.proxy.failure()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u00ff\u00ff\u00ff\u00ff a negative length",
                "\u007f\u00ff\u00ff\u00ff a response of 2 GB",
                "\u0015\u0003\u0003\0\u0002\u0002(",
                // Responses to the request for metadata.
                "\0\0\0\u0008\0\0\0\u0001junk",
                "\0\0\0\u0009\0\0\0\u0001\0\0\0\0\u007f",
                "\u0006@\0\u0001\0\0\0\u0001 more than can be rewritten"
            })
    void garbageFromABrokerEndsItsFlowOnly(String garbage) throws Exception {
        try (KafkaRig rig = new KafkaRig()) {
            Flow other = rig.open();
            Flow flow = rig.open();
            flow.client().send(Peer.request(ApiKeys.METADATA, 9, 1, new byte[5]));
            flow.broker().receiveFrame();

            flow.broker().send(garbage.getBytes(StandardCharsets.ISO_8859_1));

            assertThat(flow.client().hasEnded()).isTrue();
            assertThat(flow.broker().hasEnded()).isTrue();
            assertThat(rig.log).singleElement().asString().contains("ended because of its broker: ");
            assertWorks(other);
            assertThat(rig.proxy.failure()).isEmpty();
        }
    }

    @Test
    void truncatedFrameEndsItsFlowOnly() throws Exception {
        byte[] request = Peer.request(ApiKeys.METADATA, 9, 1, new byte[5]);
        try (KafkaRig rig = new KafkaRig()) {
            Flow other = rig.open();
            Flow flow = rig.open();

            flow.client().send(java.util.Arrays.copyOf(request, request.length - 1));
            flow.client().finish();

            assertThat(flow.client().hasEnded()).isTrue();
            assertThat(rig.log).singleElement().asString().contains("middle of a frame");
            assertWorks(other);
        }
    }

    private static void assertWorks(Flow flow) throws Exception {
        byte[] answer = flow.exchange(Peer.request(ApiKeys.METADATA, 9, 1, new byte[5]), metadata(1));
        assertThat(hostIn(answer, 1)).isEqualTo("127.0.0.1");
    }

    @Test
    void finPassesAsOnAnyRoute() throws Exception {
        try (KafkaRig rig = new KafkaRig()) {
            Flow flow = rig.open();
            assertWorks(flow);

            flow.client().finish();

            assertThat(flow.broker().hasEnded()).isTrue();
            flow.broker().close();
            assertThat(flow.client().hasEnded()).isTrue();
            assertThat(rig.log).noneMatch(line -> line.contains("ended"));
        }
    }
}
