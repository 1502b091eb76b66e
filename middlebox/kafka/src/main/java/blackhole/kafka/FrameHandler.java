package blackhole.kafka;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import org.jspecify.annotations.Nullable;

/**
 * Finds the frames in one direction of a flow: a 4-byte length and a body. Passes bytes on as they come, without copying
 * them, unless a frame has to be collected. Holds back the beginning of a frame until its header is complete.
 */
abstract class FrameHandler extends ChannelInboundHandlerAdapter {
    /** Beyond what any broker sends or accepts, and below what most other protocols begin with, such as "GET ". */
    private static final int MAX_LENGTH = 1 << 30;
    /** A hundred times the metadata of a large cluster. It is in memory twice while it is rewritten. */
    private static final int MAX_COLLECTED = 100 << 20;

    private static final int INITIAL_CAPACITY = 16 << 10;

    private @Nullable ByteBuf headerPart;
    private @Nullable ByteBuf collected;
    private int missing;
    private int skipping;
    private boolean refused;

    /** Returns how many of a frame's bytes {@link #isToBeCollected} needs; it may ask for more when it sees these. */
    abstract int headerLength(ByteBuf in, int at, int available, int length);

    /**
     * Looks at a frame's header.
     *
     * @param in with the header at {@code at}
     * @param length of the frame without its length field
     */
    abstract boolean isToBeCollected(ByteBuf in, int at, int length) throws RefusedException;

    /**
     * Rewrites a frame.
     *
     * @param frame without its length; read only
     * @return the new frame with its length; null to pass it on as it is
     */
    abstract @Nullable ByteBuf rewrite(ChannelHandlerContext ctx, ByteBuf frame) throws RefusedException;

    /** Logs why the flow ends. */
    abstract void log(RefusedException reason);

    @Override
    public final void channelRead(ChannelHandlerContext ctx, Object message) throws RefusedException {
        ByteBuf in = (ByteBuf) message;
        if (refused) {
            in.release();
            return;
        }
        if (headerPart != null) {
            ByteBuf joined = ctx.alloc().buffer(headerPart.readableBytes() + in.readableBytes());
            joined.writeBytes(headerPart).writeBytes(in);
            headerPart.release();
            headerPart = null;
            in.release();
            in = joined;
        }
        try {
            read(ctx, in);
        } catch (RefusedException e) {
            refused = true;
            log(e);
            throw e;
        } finally {
            in.release();
        }
    }

    private void read(ChannelHandlerContext ctx, ByteBuf in) throws RefusedException {
        int begin = in.readerIndex();
        int end = in.writerIndex();
        int at = begin;
        while (at < end) {
            if (skipping > 0) {
                int skipped = Math.min(skipping, end - at);
                skipping -= skipped;
                at += skipped;
            } else if (collected != null) {
                begin = at + collect(ctx, collected, in, at, end);
                at = begin;
            } else if (!hasHeader(in, at, end)) {
                pass(ctx, in, begin, at);
                headerPart = in.copy(at, end - at);
                return;
            } else {
                int length = requireLength(in.getInt(at));
                if (!isToBeCollected(in, at, length)) {
                    skipping = Integer.BYTES + length;
                } else if (length > MAX_COLLECTED) {
                    throw new RefusedException("a response of " + length + " bytes has to be rewritten; at most "
                            + MAX_COLLECTED + " bytes are possible");
                } else {
                    pass(ctx, in, begin, at);
                    collected = ctx.alloc()
                            .buffer(Math.min(INITIAL_CAPACITY, Integer.BYTES + length), Integer.BYTES + length);
                    missing = Integer.BYTES + length;
                    begin = at;
                }
            }
        }
        pass(ctx, in, begin, end);
    }

    private boolean hasHeader(ByteBuf in, int at, int end) throws RefusedException {
        int available = end - at;
        if (available < Integer.BYTES) {
            return false;
        }
        int length = requireLength(in.getInt(at));
        return available >= headerLength(in, at, available, length);
    }

    private static int requireLength(int length) throws RefusedException {
        if (length < 0 || length > MAX_LENGTH) {
            throw new RefusedException("a frame of " + Integer.toUnsignedString(length)
                    + " bytes is not Kafka's protocol; it begins with " + String.format("0x%08x", length));
        }
        return length;
    }

    /** Returns how many bytes were taken. */
    private int collect(ChannelHandlerContext ctx, ByteBuf frame, ByteBuf in, int at, int end) throws RefusedException {
        int taken = Math.min(missing, end - at);
        frame.writeBytes(in, at, taken);
        missing -= taken;
        if (missing == 0) {
            collected = null;
            try {
                int length = frame.readableBytes() - Integer.BYTES;
                ByteBuf changed = rewrite(ctx, frame.slice(frame.readerIndex() + Integer.BYTES, length));
                ctx.fireChannelRead(changed == null ? frame.retain() : changed);
            } finally {
                frame.release();
            }
        }
        return taken;
    }

    private static void pass(ChannelHandlerContext ctx, ByteBuf in, int begin, int end) {
        if (begin == in.readerIndex() && end == in.writerIndex()) {
            ctx.fireChannelRead(in.retain());
        } else if (begin < end) {
            ctx.fireChannelRead(in.retainedSlice(begin, end - begin));
        }
    }

    @Override
    public final void userEventTriggered(ChannelHandlerContext ctx, Object event) throws RefusedException {
        if (event == ChannelInputShutdownEvent.INSTANCE
                && !refused
                && (skipping > 0 || headerPart != null || collected != null)) {
            refused = true;
            RefusedException truncated = new RefusedException("the stream ended in the middle of a frame");
            log(truncated);
            throw truncated;
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public final void handlerRemoved(ChannelHandlerContext ctx) {
        if (headerPart != null) {
            headerPart.release();
            headerPart = null;
        }
        if (collected != null) {
            collected.release();
            collected = null;
        }
    }
}
