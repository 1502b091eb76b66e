package blackhole.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.kafka.KafkaRig.Flow;
import java.nio.ByteBuffer;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.ApiVersionsResponseData.SupportedFeatureKey;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The versions that clients are offered. */
class VersionsTest {
    private static final int NEWER = ApiKeys.API_VERSIONS.latestVersion() + 1;
    private static final short PROPRIETARY = 10_005;

    private static IntStream apiVersionsVersions() {
        return IntStream.rangeClosed(0, ApiKeys.API_VERSIONS.latestVersion());
    }

    @ParameterizedTest
    @MethodSource("apiVersionsVersions")
    void onlyMaximumsOfRewrittenApisAreLowered(int version) throws Exception {
        ApiVersionsResponseData original = new ApiVersionsResponseData();
        // Brokers offer version 0 though they don't know it: librdkafka compresses only then (KAFKA-18659).
        original.apiKeys().add(offer(ApiKeys.PRODUCE.id, 0, 99));
        original.apiKeys().add(offer(ApiKeys.FETCH.id, 4, 99));
        original.apiKeys().add(offer(ApiKeys.METADATA.id, 0, 5));
        original.apiKeys().add(offer(ApiKeys.HEARTBEAT.id, 0, 99));
        original.apiKeys().add(offer(PROPRIETARY, 1, 99));
        if (version >= 3) {
            original.supportedFeatures()
                    .add(new SupportedFeatureKey()
                            .setName("future")
                            .setMinVersion((short) 1)
                            .setMaxVersion((short) 9));
        }
        try (KafkaRig rig = new KafkaRig()) {
            byte[] answer = rig.open()
                    .exchange(
                            Peer.request(ApiKeys.API_VERSIONS, version, 1, new byte[3]),
                            Peer.response(ApiKeys.API_VERSIONS, version, 1, original));

            ApiVersionsResponseData expected = original.duplicate();
            expected.apiKeys().find(ApiKeys.PRODUCE.id).setMaxVersion(ApiKeys.PRODUCE.latestVersion());
            expected.apiKeys().find(ApiKeys.FETCH.id).setMaxVersion((short) 15);
            assertThat(answer).isEqualTo(Peer.response(ApiKeys.API_VERSIONS, version, 1, expected));
        }
    }

    private static ApiVersion offer(short key, int min, int max) {
        return new ApiVersion().setApiKey(key).setMinVersion((short) min).setMaxVersion((short) max);
    }

    @Test
    void brokerIsMadeToRefuseApiVersionsNewerThanTheProxy() throws Exception {
        ApiVersionsResponseData refusal = new ApiVersionsResponseData().setErrorCode(Errors.UNSUPPORTED_VERSION.code());
        refusal.apiKeys().add(offer(ApiKeys.API_VERSIONS.id, 0, NEWER));
        byte[] request = Peer.request(ApiKeys.API_VERSIONS, NEWER, 1, new byte[3]);
        try (KafkaRig rig = new KafkaRig()) {
            Flow flow = rig.open();
            flow.client().sendInPieces(request);
            byte[] arrived = flow.broker().receive(request.length);
            flow.broker().send(Peer.response(ApiKeys.API_VERSIONS, 0, 1, refusal));
            byte[] answer = flow.client().receiveFrame();

            assertThat(ByteBuffer.wrap(arrived).getShort(6)).isEqualTo(Short.MAX_VALUE);
            assertThat(ByteBuffer.wrap(arrived).putShort(6, (short) NEWER).array())
                    .isEqualTo(request);
            ApiVersionsResponseData received =
                    Peer.parse(answer, ApiKeys.API_VERSIONS, 0, 1, new ApiVersionsResponseData());
            assertThat(received.errorCode()).isEqualTo(Errors.UNSUPPORTED_VERSION.code());
            assertThat(received.apiKeys().find(ApiKeys.API_VERSIONS.id).maxVersion())
                    .isEqualTo(ApiKeys.API_VERSIONS.latestVersion());
        }
    }

    @Test
    void olderBrokersRefusalPassesAsItIs() throws Exception {
        ApiVersionsResponseData refusal = new ApiVersionsResponseData().setErrorCode(Errors.UNSUPPORTED_VERSION.code());
        refusal.apiKeys().add(offer(ApiKeys.API_VERSIONS.id, 0, 3));
        byte[] response = Peer.response(ApiKeys.API_VERSIONS, 0, 1, refusal);
        try (KafkaRig rig = new KafkaRig()) {
            byte[] answer = rig.open().exchange(Peer.request(ApiKeys.API_VERSIONS, 4, 1, new byte[3]), response);

            assertThat(answer).isEqualTo(response);
        }
    }

    @Test
    void brokerThatIsTooNewIsRefused() throws Exception {
        ApiVersionsResponseData versions = new ApiVersionsResponseData();
        versions.apiKeys().add(offer(ApiKeys.METADATA.id, 90, 99));
        try (KafkaRig rig = new KafkaRig()) {
            Flow flow = rig.open();
            flow.client().send(Peer.request(ApiKeys.API_VERSIONS, 3, 1, new byte[3]));
            flow.broker().receiveFrame();
            flow.broker().send(Peer.response(ApiKeys.API_VERSIONS, 3, 1, versions));

            assertThat(flow.client().hasEnded()).isTrue();
            assertThat(rig.log).singleElement().asString().contains("requires Metadata version 90 or later");
        }
    }

    @Test
    void clientThatUsesMoreThanItWasOfferedIsRefused() throws Exception {
        try (KafkaRig rig = new KafkaRig()) {
            Flow flow = rig.open();
            flow.client().send(Peer.request(ApiKeys.FETCH, 16, 1, new byte[3]));

            assertThat(flow.client().hasEnded()).isTrue();
            assertThat(rig.log).singleElement().asString().contains("Fetch version 16", "up to 15");
        }
    }
}
