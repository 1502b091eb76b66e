package blackhole.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Checks what each flow's client sends, and sends it back. The first eight bytes tell the flow. */
final class SoakServer {
    final Map<Long, SoakFlow> flows = new ConcurrentHashMap<>();
    private final SoakLedger ledger;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Channel listening;

    SoakServer(EventLoopGroup loop, SoakLedger ledger) {
        this.ledger = ledger;
        listening = new ServerBootstrap()
                .group(loop)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        connections.add(channel);
                        channel.pipeline().addLast(new Echo());
                    }
                })
                .bind(Ports.at(0))
                .syncUninterruptibly()
                .channel();
    }

    int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /** Returns how many connections there still were: a flow that ends in silence tells its server nothing. */
    int close() {
        listening.close().syncUninterruptibly();
        int left = connections.size();
        connections.close().syncUninterruptibly();
        return left;
    }

    private final class Echo extends ChannelInboundHandlerAdapter {
        private long number;
        private int headerBytes;
        private @Nullable SoakFlow flow;
        private long received;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            while (headerBytes < Long.BYTES && bytes.isReadable()) {
                number = number << 8 | bytes.readUnsignedByte();
                if (++headerBytes == Long.BYTES) {
                    flow = flows.get(number);
                    if (flow == null) {
                        ledger.fault("the server got the bytes of an unknown flow, " + number);
                    } else {
                        flow.serverIs((SocketChannel) ctx.channel());
                    }
                }
            }
            if (flow == null || !bytes.isReadable()) {
                ReferenceCountUtil.release(bytes);
                return;
            }
            if (!flow.stream.matches(bytes, received)) {
                ledger.fault("flow " + number + ": wrong bytes at the server after " + received);
            }
            received += bytes.readableBytes();
            ctx.write(bytes, ctx.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                ctx.writeAndFlush(ctx.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (!(cause instanceof NativeIoException)) {
                ledger.fault("flow " + number + ": at the server " + cause);
            }
            ctx.close();
        }
    }
}
