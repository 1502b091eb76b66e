package blackhole.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import java.util.function.Supplier;

/** A connection that sends a request and waits for its echo, and maybe sends the next. */
abstract class Requester extends ChannelInboundHandlerAdapter {
    private final ByteBuf request;
    private long sentAt;
    private int missing;

    Requester(int size) {
        request = Unpooled.directBuffer(size).writeZero(size);
    }

    static Bootstrap bootstrap(EventLoopGroup loop, Supplier<Requester> requesters) {
        return new Bootstrap()
                .group(loop)
                .channel(EpollSocketChannel.class)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(requesters.get());
                    }
                });
    }

    /** Returns whether to send the next request; otherwise the connection is closed. */
    abstract boolean answered(long sentAt);

    /** @param broken without the answer to its last request */
    abstract void closed(boolean broken);

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        missing = request.readableBytes();
        sentAt = System.nanoTime();
        ctx.writeAndFlush(request.retainedDuplicate(), ctx.voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        missing -= bytes.readableBytes();
        bytes.release();
        if (missing > 0) {
            return;
        }
        if (answered(sentAt)) {
            channelActive(ctx);
        } else {
            ctx.close();
        }
    }

    /** The channel's close future is done before. */
    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        request.release();
        closed(missing > 0);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
