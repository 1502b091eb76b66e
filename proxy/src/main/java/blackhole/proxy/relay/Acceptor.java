package blackhole.proxy.relay;

import blackhole.proxy.Endpoint;
import blackhole.proxy.Leg;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Makes a flow of each accepted client, and connects it to one upstream on the client's own event loop. */
@Sharable
final class Acceptor extends ChannelInitializer<SocketChannel> {
    private static final int RECEIVE_BUFFER = 64 * 1024;

    /** Bytes that may wait for a slow receiver before its sender is no longer read from. */
    private static final WriteBufferWaterMark BACKPRESSURE = new WriteBufferWaterMark(128 * 1024, 512 * 1024);

    private final Relay relay;
    private final Endpoint upstream;
    private final Duration connectTimeout;

    Acceptor(Relay relay, Endpoint upstream, Duration connectTimeout) {
        this.relay = relay;
        this.upstream = upstream;
        this.connectTimeout = connectTimeout;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
        setOptions(channel);
        FlowTable table = relay.tableOf(channel.eventLoop());
        FlowEntry flow = new FlowEntry(relay.nextFlowId(), table, channel);
        table.connecting(flow);
        channel.pipeline().addLast(new LegHandler(flow, Leg.CLIENT));
        relay.names().resolve(upstream).whenComplete((address, failure) -> {
            if (channel.eventLoop().inEventLoop()) {
                connect(channel, flow, address, failure);
            } else {
                channel.eventLoop().execute(() -> connect(channel, flow, address, failure));
            }
        });
    }

    private void connect(
            SocketChannel client, FlowEntry flow, @Nullable InetSocketAddress address, @Nullable Throwable failure) {
        if (address == null) {
            flow.unreachable(upstream, failure instanceof CompletionException ? failure.getCause() : failure);
            return;
        }
        ChannelFuture connect = new Bootstrap()
                .group(client.eventLoop())
                .channelFactory(relay.transport().channels)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) connectTimeout.toMillis())
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        setOptions(channel);
                        channel.pipeline().addLast(new LegHandler(flow, Leg.UPSTREAM));
                    }
                })
                .connect(address);
        connect.addListener((ChannelFutureListener) connected -> {
            if (connected.isSuccess()) {
                flow.connected((SocketChannel) connected.channel());
            } else {
                flow.unreachable(upstream, connected.cause());
            }
        });
    }

    private static void setOptions(SocketChannel channel) {
        channel.config()
                .setAutoRead(false)
                .setAllowHalfClosure(true)
                .setTcpNoDelay(true)
                .setRecvByteBufAllocator(new FixedRecvByteBufAllocator(RECEIVE_BUFFER))
                .setWriteBufferWaterMark(BACKPRESSURE);
    }
}
