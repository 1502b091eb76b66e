package blackhole.kafka;

import blackhole.kafka.AwaitedResponses.Awaited;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads the headers of a flow's requests: length, API key, version, correlation id and client id. */
final class Requests extends FrameHandler {
    private static final int KEY = 4;
    private static final int VERSION = 6;
    private static final int CORRELATION_ID = 8;
    private static final int CLIENT_ID_LENGTH = 12;
    private static final int CLIENT_ID = 14;
    /** Key, version and correlation id. */
    private static final int MIN_LENGTH = CLIENT_ID_LENGTH - KEY;

    private static final int MAX_CLIENT_ID = 100;

    private static final short SASL_HANDSHAKE = 17;
    /** The first bytes of a TLS record with a ClientHello. */
    private static final int TLS = 0x1603;

    /** Beyond all keys and versions of requests, and below what a SASL token in text begins with. */
    private static final int MAX_KEY = 1000;

    private static final int MAX_VERSION = 31;

    private final KafkaFlow flow;
    private boolean first = true;
    private boolean tokens;
    private boolean hasClientId;

    Requests(KafkaFlow flow) {
        this.flow = flow;
    }

    @Override
    int headerLength(ByteBuf in, int at, int available, int length) {
        if (isTls(in, at)) {
            return Integer.BYTES;
        }
        int whole = Integer.BYTES + length;
        if (hasClientId || available < CLIENT_ID || whole < CLIENT_ID) {
            return Math.min(whole, CLIENT_ID);
        }
        return Math.min(whole, CLIENT_ID + clientIdLength(in, at));
    }

    @Override
    boolean isToBeCollected(ByteBuf in, int at, int length) throws RefusedException {
        if (isTls(in, at)) {
            throw new RefusedException("the client speaks TLS, which this route doesn't; set its security.protocol to"
                    + " PLAINTEXT or SASL_PLAINTEXT");
        }
        first = false;
        if (tokens && isToken(in, at, length)) {
            return false;
        }
        tokens = false;
        if (length < MIN_LENGTH) {
            throw new RefusedException("a request of " + length + " bytes is too short");
        }
        short key = in.getShort(at + KEY);
        short version = in.getShort(at + VERSION);
        if (key == SASL_HANDSHAKE && version == 0) {
            tokens = true;
        }
        if (!hasClientId && length >= CLIENT_ID - KEY) {
            hasClientId = true;
            int idLength = Math.min(clientIdLength(in, at), length - (CLIENT_ID - KEY));
            flow.clientId(in.toString(at + CLIENT_ID, idLength, StandardCharsets.UTF_8));
        }
        flow.requested(key);
        await(in, at, key, version);
        return false;
    }

    /** Longer than any first request if it were a length. */
    private boolean isTls(ByteBuf in, int at) {
        return first && in.getUnsignedShort(at) == TLS;
    }

    private static int clientIdLength(ByteBuf in, int at) {
        return Math.max(0, Math.min(MAX_CLIENT_ID, in.getShort(at + CLIENT_ID_LENGTH)));
    }

    /**
     * After a SaslHandshake of version 0 come tokens without a header. Those of PLAIN, SCRAM and OAUTHBEARER are text, whose
     * bytes are not the key and the version of a request.
     */
    private static boolean isToken(ByteBuf in, int at, int length) {
        return length < MIN_LENGTH
                || in.getUnsignedShort(at + KEY) > MAX_KEY
                || in.getUnsignedShort(at + VERSION) > MAX_VERSION;
    }

    private void await(ByteBuf in, int at, short key, short version) throws RefusedException {
        RewrittenApi api = RewrittenApi.of(key);
        if (api == null || !api.hasAddresses(version)) {
            return;
        }
        if (version > api.highest) {
            if (api != RewrittenApi.API_VERSIONS) {
                throw new RefusedException("the client uses " + ApiName.of(key) + " version " + version
                        + ", but this proxy offered versions up to " + api.highest);
            }
            // The broker might know this version. One that no broker knows makes it say which ones it does know, in
            // version 0 and in the right order (KIP-511); the client then asks again.
            in.setShort(at + VERSION, Short.MAX_VALUE);
        }
        flow.awaited.add(new Awaited(in.getInt(at + CORRELATION_ID), api, version));
    }

    @Override
    @Nullable
    ByteBuf rewrite(ChannelHandlerContext ctx, ByteBuf frame) {
        throw new IllegalStateException("requests are not collected");
    }

    @Override
    void log(RefusedException reason) {
        flow.logRefusal("client", reason);
    }
}
