package blackhole.kafka;

import blackhole.middlebox.config.Endpoint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.message.ShareAcknowledgeResponseData;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.jspecify.annotations.Nullable;

/** Rewrites responses: decodes them, replaces addresses and versions, and encodes them. */
final class Responses {
    private static final short UNSUPPORTED_VERSION = 35;
    /** DescribeCluster can describe controllers, which only administrators' tools connect to. */
    private static final byte BROKERS = 1;

    /** Where clients find a broker: replaces its address. */
    interface Addresses {
        /** @throws RefusedException if there is no port for this broker */
        Endpoint proxied(int brokerId, Endpoint address) throws RefusedException;
    }

    private final Addresses addresses;

    Responses(Addresses addresses) {
        this.addresses = addresses;
    }

    /**
     * Rewrites one response.
     *
     * @param frame without its length; read only
     * @return the new frame with its length, or null if nothing has to be changed
     * @throws RefusedException if it is malformed or can't be rewritten
     */
    @Nullable
    ByteBuf rewrite(RewrittenApi api, short requested, ByteBuf frame, ByteBufAllocator allocator)
            throws RefusedException {
        ByteBuffer bytes = frame.nioBuffer();
        short version = requested;
        if (api == RewrittenApi.API_VERSIONS
                && bytes.remaining() >= 6
                && bytes.getShort(bytes.position() + 4) == UNSUPPORTED_VERSION) {
            // A broker that doesn't know the version answers in version 0 (KIP-511).
            version = 0;
        }
        ByteBufferAccessor readable = new ByteBufferAccessor(bytes);
        ResponseHeaderData header;
        ApiMessage body = newBody(api);
        try {
            header = new ResponseHeaderData(readable, api.headerVersion(version));
            body.read(readable, version);
        } catch (RuntimeException e) {
            throw new RefusedException("malformed " + ApiName.of(api.key) + " response, version " + version + ": " + e);
        }
        if (bytes.hasRemaining()) {
            throw new RefusedException("malformed " + ApiName.of(api.key) + " response, version " + version + ": "
                    + bytes.remaining() + " bytes too long");
        }
        return change(body) ? encode(header, api.headerVersion(version), body, version, allocator) : null;
    }

    private static ApiMessage newBody(RewrittenApi api) {
        return switch (api) {
            case PRODUCE -> new ProduceResponseData();
            case FETCH -> throw new IllegalStateException("clients are not offered versions with addresses");
            case METADATA -> new MetadataResponseData();
            case FIND_COORDINATOR -> new FindCoordinatorResponseData();
            case API_VERSIONS -> new ApiVersionsResponseData();
            case DESCRIBE_CLUSTER -> new DescribeClusterResponseData();
            case SHARE_FETCH -> new ShareFetchResponseData();
            case SHARE_ACKNOWLEDGE -> new ShareAcknowledgeResponseData();
        };
    }

    private static ByteBuf encode(
            ResponseHeaderData header,
            short headerVersion,
            ApiMessage body,
            short version,
            ByteBufAllocator allocator) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        int length = header.size(cache, headerVersion) + body.size(cache, version);
        ByteBuf frame = allocator.buffer(Integer.BYTES + length, Integer.BYTES + length);
        frame.writeInt(length);
        ByteBufferAccessor writable = new ByteBufferAccessor(frame.nioBuffer(Integer.BYTES, length));
        header.write(writable, cache, headerVersion);
        body.write(writable, cache, version);
        return frame.writerIndex(Integer.BYTES + length);
    }

    /** Returns whether anything was changed. */
    private boolean change(ApiMessage body) throws RefusedException {
        boolean changed = false;
        if (body instanceof MetadataResponseData metadata) {
            for (MetadataResponseBroker broker : metadata.brokers()) {
                Endpoint to = replace(broker.nodeId(), broker.host(), broker.port());
                if (to != null) {
                    broker.setHost(to.host()).setPort(to.port());
                    changed = true;
                }
            }
        } else if (body instanceof FindCoordinatorResponseData found) {
            Endpoint only = replace(found.nodeId(), found.host(), found.port());
            if (only != null) {
                found.setHost(only.host()).setPort(only.port());
                changed = true;
            }
            for (Coordinator coordinator : found.coordinators()) {
                Endpoint to = replace(coordinator.nodeId(), coordinator.host(), coordinator.port());
                if (to != null) {
                    coordinator.setHost(to.host()).setPort(to.port());
                    changed = true;
                }
            }
        } else if (body instanceof DescribeClusterResponseData cluster && cluster.endpointType() == BROKERS) {
            for (DescribeClusterBroker broker : cluster.brokers()) {
                Endpoint to = replace(broker.brokerId(), broker.host(), broker.port());
                if (to != null) {
                    broker.setHost(to.host()).setPort(to.port());
                    changed = true;
                }
            }
        } else if (body instanceof ProduceResponseData produced) {
            for (ProduceResponseData.NodeEndpoint leader : produced.nodeEndpoints()) {
                Endpoint to = replace(leader.nodeId(), leader.host(), leader.port());
                if (to != null) {
                    leader.setHost(to.host()).setPort(to.port());
                    changed = true;
                }
            }
        } else if (body instanceof ShareFetchResponseData fetched) {
            for (ShareFetchResponseData.NodeEndpoint leader : fetched.nodeEndpoints()) {
                Endpoint to = replace(leader.nodeId(), leader.host(), leader.port());
                if (to != null) {
                    leader.setHost(to.host()).setPort(to.port());
                    changed = true;
                }
            }
        } else if (body instanceof ShareAcknowledgeResponseData acknowledged) {
            for (ShareAcknowledgeResponseData.NodeEndpoint leader : acknowledged.nodeEndpoints()) {
                Endpoint to = replace(leader.nodeId(), leader.host(), leader.port());
                if (to != null) {
                    leader.setHost(to.host()).setPort(to.port());
                    changed = true;
                }
            }
        } else if (body instanceof ApiVersionsResponseData versions) {
            changed = lowerMaximums(versions);
        }
        return changed;
    }

    /** Returns null if there is no broker, as when a coordinator is not available. */
    private @Nullable Endpoint replace(int brokerId, String host, int port) throws RefusedException {
        if (brokerId < 0 || host.isBlank() || port <= 0) {
            return null;
        }
        if (port > 65535 || host.codePoints().anyMatch(Character::isISOControl)) {
            throw new RefusedException("malformed address of broker " + brokerId);
        }
        return addresses.proxied(brokerId, new Endpoint(host, port));
    }

    /** Never raises a minimum: old librdkafka takes that as a sign of a broker that can't compress (KAFKA-18659). */
    private static boolean lowerMaximums(ApiVersionsResponseData versions) throws RefusedException {
        boolean changed = false;
        for (ApiVersion offered : versions.apiKeys()) {
            RewrittenApi api = RewrittenApi.of(offered.apiKey());
            if (api != null && offered.maxVersion() > api.highest) {
                if (offered.minVersion() > api.highest) {
                    throw new RefusedException("the broker requires " + ApiName.of(api.key) + " version "
                            + offered.minVersion() + " or later, but this proxy knows versions up to " + api.highest
                            + " only; use a newer one");
                }
                offered.setMaxVersion(api.highest);
                changed = true;
            }
        }
        return changed;
    }
}
