package blackhole.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;

/** A TCP peer without Kafka: what it was sent, and what its kernel holds. */
final class RawPeer {
    private static final EventLoopGroup LOOPS = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());

    private final Channel channel;
    private final List<String> ends = new CopyOnWriteArrayList<>();
    private final AtomicLong received = new AtomicLong();
    private final CRC32 checksum = new CRC32();

    private RawPeer(Channel channel) {
        this.channel = channel;
        channel.pipeline().addLast(new SimpleChannelInboundHandler<ByteBuf>() {
            @Override
            protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
                checksum.update(bytes.nioBuffer());
                received.addAndGet(bytes.readableBytes());
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                ends.add(cause.getMessage());
            }

            @Override
            public void channelInactive(ChannelHandlerContext ctx) {
                ends.add("closed");
            }
        });
    }

    static RawPeer connect(InetSocketAddress address) {
        Channel channel = new Bootstrap()
                .group(LOOPS)
                .channel(EpollSocketChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel ch) {}
                })
                .connect(address)
                .syncUninterruptibly()
                .channel();
        return new RawPeer(channel);
    }

    /** Accepts on a free port of {@code host}; whom it accepted is there to be taken. */
    static final class Server implements AutoCloseable {
        private final BlockingQueue<RawPeer> accepted = new LinkedBlockingQueue<>();
        private final Channel listening;

        Server(String host) {
            listening = new ServerBootstrap()
                    .group(LOOPS)
                    .channel(EpollServerSocketChannel.class)
                    .childHandler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            accepted.add(new RawPeer(channel));
                        }
                    })
                    .bind(host, 0)
                    .syncUninterruptibly()
                    .channel();
        }

        InetSocketAddress address() {
            return (InetSocketAddress) listening.localAddress();
        }

        RawPeer accepted() throws InterruptedException {
            RawPeer peer = accepted.poll(10, TimeUnit.SECONDS);
            assertThat(peer).as("a connection from the proxy").isNotNull();
            return peer;
        }

        @Override
        public void close() {
            listening.close().syncUninterruptibly();
        }
    }

    /** SO_KEEPALIVE with a keepalive probe every second. */
    RawPeer keepAlive() {
        channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        channel.config().setOption(EpollChannelOption.TCP_KEEPIDLE, 1);
        channel.config().setOption(EpollChannelOption.TCP_KEEPINTVL, 1);
        channel.config().setOption(EpollChannelOption.TCP_KEEPCNT, 3);
        return this;
    }

    void send(String text) {
        channel.writeAndFlush(Unpooled.copiedBuffer(text, java.nio.charset.StandardCharsets.US_ASCII));
    }

    /** Sends {@code bytes} as one write; its checksum is that of the buffer. */
    void send(ByteBuf bytes) {
        channel.writeAndFlush(bytes).syncUninterruptibly();
    }

    long received() {
        return received.get();
    }

    /** CRC-32 of all that was received; to be asked for once everything was. */
    long checksum() {
        return checksum.getValue();
    }

    /** How the connection ended, in the kernel's words; empty while it has not. */
    List<String> ends() {
        return List.copyOf(ends);
    }

    EpollTcpInfo tcpInfo() {
        return ((EpollSocketChannel) channel).tcpInfo();
    }

    InetSocketAddress local() {
        return (InetSocketAddress) channel.localAddress();
    }

    void close() {
        channel.close().awaitUninterruptibly(Duration.ofSeconds(1).toMillis());
    }
}
