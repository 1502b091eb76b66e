package blackhole.kafka;

import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ShareAcknowledgeResponseData;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.jspecify.annotations.Nullable;

/**
 * The APIs with broker addresses in their responses, and ApiVersions, which tells clients the versions that they may use.
 * The facts are from the message definitions in kafka-clients 4.4. Left alone are the APIs between brokers and controllers,
 * and what looks like an address but is a client's own: {@code ClientHost} and {@code UserEndpoint}.
 */
enum RewrittenApi {
    PRODUCE(0, 10, ProduceResponseData.HIGHEST_SUPPORTED_VERSION, 9),
    /**
     * Has addresses from version 16 on. Clients are offered 15, so that record batches stream through instead of being
     * collected, and a client learns of a new leader by asking for metadata, as it did up to Kafka 3.6.
     */
    FETCH(1, 16, 15, 12),
    METADATA(3, 0, MetadataResponseData.HIGHEST_SUPPORTED_VERSION, 9),
    FIND_COORDINATOR(10, 0, FindCoordinatorResponseData.HIGHEST_SUPPORTED_VERSION, 3),
    /** Its response header never has tagged fields, so that clients can read it before they know the broker's versions. */
    API_VERSIONS(18, 0, ApiVersionsResponseData.HIGHEST_SUPPORTED_VERSION, Integer.MAX_VALUE),
    DESCRIBE_CLUSTER(60, 0, DescribeClusterResponseData.HIGHEST_SUPPORTED_VERSION, 0),
    SHARE_FETCH(78, 0, ShareFetchResponseData.HIGHEST_SUPPORTED_VERSION, 0),
    SHARE_ACKNOWLEDGE(79, 0, ShareAcknowledgeResponseData.HIGHEST_SUPPORTED_VERSION, 0);

    final short key;
    /** The last version whose response can be rewritten, and so the highest that clients are offered. */
    final short highest;

    private final int addressesFrom;
    private final int taggedHeaderFrom;

    RewrittenApi(int key, int addressesFrom, int highest, int taggedHeaderFrom) {
        this.key = (short) key;
        this.addressesFrom = addressesFrom;
        this.highest = (short) highest;
        this.taggedHeaderFrom = taggedHeaderFrom;
    }

    /** Returns null for all other APIs. */
    static @Nullable RewrittenApi of(short key) {
        return switch (key) {
            case 0 -> PRODUCE;
            case 1 -> FETCH;
            case 3 -> METADATA;
            case 10 -> FIND_COORDINATOR;
            case 18 -> API_VERSIONS;
            case 60 -> DESCRIBE_CLUSTER;
            case 78 -> SHARE_FETCH;
            case 79 -> SHARE_ACKNOWLEDGE;
            default -> null;
        };
    }

    boolean hasAddresses(short version) {
        return version >= addressesFrom;
    }

    short headerVersion(short version) {
        return (short) (version >= taggedHeaderFrom ? 1 : 0);
    }
}
