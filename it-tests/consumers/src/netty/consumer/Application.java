package consumer;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** An echo server, and a client with one connection, on the native transport of the application's own Netty. */
final class Application implements AutoCloseable {
    private final EventLoopGroup loops = new EpollEventLoopGroup(2);
    private final Channel server = new ServerBootstrap()
            .group(loops)
            .channel(EpollServerSocketChannel.class)
            .childHandler(new Echo())
            .bind("127.0.0.1", 0)
            .syncUninterruptibly()
            .channel();
    private final Semaphore answers = new Semaphore(0);
    private Channel client;

    int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    void connect(InetSocketAddress address) {
        client = new Bootstrap()
                .group(loops)
                .channel(EpollSocketChannel.class)
                .handler(new SimpleChannelInboundHandler<ByteBuf>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext context, ByteBuf answer) {
                        answers.release();
                    }
                })
                .connect(address)
                .syncUninterruptibly()
                .channel();
    }

    /** Sends a request on the one connection; returns false if the answer takes longer than {@code timeout}. */
    boolean answers(Duration timeout) throws InterruptedException {
        client.writeAndFlush(Unpooled.copyLong(1));
        return answers.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush(message);
        }
    }
}
