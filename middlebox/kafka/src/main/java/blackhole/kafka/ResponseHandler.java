package blackhole.kafka;

import blackhole.kafka.AwaitedResponses.Awaited;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/** Picks from a flow's responses those that have to be rewritten. */
final class ResponseHandler extends FrameHandler {
    private static final int CORRELATION_ID = 4;
    /** The first bytes of a TLS alert record, which a TLS server sends in response to plaintext. */
    private static final int TLS_ALERT = 0x1503;

    private final KafkaFlow flow;
    private final Responses responses;
    private boolean first = true;
    private @Nullable Awaited awaited;

    ResponseHandler(KafkaFlow flow) {
        this.flow = flow;
        responses = new Responses(flow::proxied);
    }

    @Override
    int headerLength(ByteBuf in, int at, int available, int length) {
        return isTlsAlert(in, at) ? Integer.BYTES : Integer.BYTES + Math.min(length, Integer.BYTES);
    }

    /** Longer than any first response if it were a length. */
    private boolean isTlsAlert(ByteBuf in, int at) {
        return first && in.getUnsignedShort(at) == TLS_ALERT;
    }

    @Override
    boolean isToBeCollected(ByteBuf in, int at, int length) throws RefusedException {
        if (isTlsAlert(in, at)) {
            throw new RefusedException("the broker speaks TLS; add --upstream-tls");
        }
        first = false;
        // Shorter ones are tokens: see Requests.
        awaited = length < Integer.BYTES ? null : flow.awaited.take(in.getInt(at + CORRELATION_ID));
        return awaited != null;
    }

    @Override
    @Nullable
    ByteBuf rewrite(ChannelHandlerContext ctx, ByteBuf frame) throws RefusedException {
        Awaited request = awaited;
        if (request == null) {
            throw new IllegalStateException("only awaited responses are collected");
        }
        return responses.rewrite(request.api(), request.version(), frame, ctx.alloc());
    }

    @Override
    void log(RefusedException reason) {
        flow.logRefusal("broker", reason);
    }
}
