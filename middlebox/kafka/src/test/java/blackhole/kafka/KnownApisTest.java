package blackhole.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Type;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What this module says about Kafka's APIs, against kafka-clients; fails when a new version of it has more. */
class KnownApisTest {
    /** Followed by brokers, controllers and administrators' tools only, or not a broker's address. */
    private static final Set<String> LEFT_ALONE = Set.of(
            "BeginQuorumEpoch",
            "ConsumerGroupDescribe",
            "DeleteAcls",
            "DescribeAcls",
            "DescribeGroups",
            "DescribeQuorum",
            "EndQuorumEpoch",
            "FetchSnapshot",
            "ShareGroupDescribe",
            "StreamsGroupDescribe",
            "StreamsGroupHeartbeat",
            "UpdateRaftVoter",
            "Vote");

    @Test
    void namesAreKafkas() {
        assertThat(ApiKeys.values())
                .allSatisfy(api -> assertThat(ApiName.of(api.id)).isEqualTo(api.name));
        assertThat(ApiName.of((short) ApiKeys.values().length)).isEqualTo("API " + ApiKeys.values().length);
        assertThat(ApiName.of((short) -1)).isEqualTo("API -1");
    }

    @ParameterizedTest
    @EnumSource
    void responseHeadersAreKafkas(RewrittenApi api) {
        ApiKeys known = ApiKeys.forId(api.key);

        for (short version = known.oldestVersion(); version <= known.latestVersion(true); version++) {
            assertThat(api.headerVersion(version)).isEqualTo(known.responseHeaderVersion(version));
        }
        assertThat(RewrittenApi.of(api.key)).isEqualTo(api);
    }

    @Test
    void everyResponseWithHostsIsRewrittenOrLeftAloneOnPurpose() {
        Set<String> rewritten = new TreeSet<>();
        Set<String> others = new TreeSet<>();
        for (ApiMessageType type : ApiMessageType.values()) {
            Schema[] schemas = type.responseSchemas();
            Stream<Schema> known = Arrays.stream(schemas).filter(schema -> schema != null);
            if (known.anyMatch(KnownApisTest::hasHost)) {
                boolean isRewritten = RewrittenApi.of(type.apiKey()) != null;
                (isRewritten ? rewritten : others).add(ApiKeys.forId(type.apiKey()).name);
            }
        }

        assertThat(others).isSubsetOf(LEFT_ALONE);
        assertThat(rewritten)
                .containsExactlyInAnyOrder(
                        "Produce",
                        "Fetch",
                        "Metadata",
                        "FindCoordinator",
                        "DescribeCluster",
                        "ShareFetch",
                        "ShareAcknowledge");
    }

    @ParameterizedTest
    @EnumSource
    void versionsBeforeTheFirstWithAddressesHaveNone(RewrittenApi api) {
        Schema[] schemas = ApiMessageType.fromApiKey(api.key).responseSchemas();

        for (short version = 0; version < schemas.length; version++) {
            if (schemas[version] != null && api != RewrittenApi.API_VERSIONS) {
                assertThat(hasHost(schemas[version]))
                        .as("%s version %s", api, version)
                        .isEqualTo(api.hasAddresses(version));
            }
        }
    }

    private static boolean hasHost(Schema schema) {
        return Arrays.stream(schema.fields()).anyMatch(field -> hasHost(field.def));
    }

    private static boolean hasHost(Field field) {
        if (field.name.toLowerCase(java.util.Locale.ROOT).contains("host")) {
            return true;
        }
        if (field instanceof Field.TaggedFieldsSection) {
            return ((org.apache.kafka.common.protocol.types.TaggedFields) field.type)
                    .fields().values().stream().anyMatch(KnownApisTest::hasHost);
        }
        return hasHost(field.type);
    }

    private static boolean hasHost(Type type) {
        if (type instanceof Schema schema) {
            return hasHost(schema);
        }
        return type.arrayElementType().filter(KnownApisTest::hasHost).isPresent();
    }
}
