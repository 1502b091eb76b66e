package blackhole.middlebox.relay;

import blackhole.middlebox.codec.FlowCodec;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.flow.FlowState;
import blackhole.middlebox.flow.Leg;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** A flow whose client is accepted and whose upstream is being resolved and connected. Belongs to the flow's event loop. */
final class ConnectingFlow implements State {
    private final FlowEntry flow;

    /** When the flow was accepted, or healed. */
    private final long since;

    private @Nullable SocketChannel upstream;

    ConnectingFlow(FlowEntry flow, long since) {
        this.flow = flow;
        this.since = since;
    }

    /** Tells the flow, on its event loop, that it is connected or that its upstream is unreachable. */
    void connect(ProxyServer server, @Nullable FlowCodec codec, Endpoint endpoint, Duration timeout) {
        EventLoop loop = flow.legs.client.channel.eventLoop();
        server.names.resolve(endpoint, timeout).whenComplete((address, failure) -> {
            Runnable resolved = guard(server, () -> resolved(server, codec, endpoint, timeout, address, failure));
            if (loop.inEventLoop()) {
                resolved.run();
            } else {
                loop.execute(resolved);
            }
        });
    }

    private static Runnable guard(ProxyServer server, Runnable task) {
        return server.failures.guard("connect to upstream", task);
    }

    private void resolved(
            ProxyServer server,
            @Nullable FlowCodec codec,
            Endpoint endpoint,
            Duration timeout,
            @Nullable InetSocketAddress address,
            @Nullable Throwable failure) {
        if (!flow.isIn(this)) {
            return;
        }
        if (address == null) {
            Throwable wrapped = failure instanceof CompletionException ? failure.getCause() : null;
            Throwable cause = wrapped != null ? wrapped : failure;
            flow.unreachable(endpoint, Objects.requireNonNull(cause, "a lookup ends with an address or a failure"));
            return;
        }
        SocketChannel channel;
        try {
            channel = server.platform.newConnecting(address);
        } catch (ChannelException e) {
            flow.unreachable(endpoint, e);
            return;
        }
        upstream = channel;
        LegChannel.setOptions(channel);
        channel.config().setConnectTimeoutMillis((int) timeout.toMillis());
        flow.legs.client.channel.eventLoop().register(channel);
        Future<?> usable = codec == null ? null : codec.addToUpstream(channel, endpoint);
        channel.pipeline().addLast(new LegHandler(flow, Leg.UPSTREAM));
        channel.connect(address).addListener(connected -> {
            if (usable == null || !connected.isSuccess()) {
                ended(server, endpoint, channel, connected);
            } else {
                // Auto-read is off until the flow is live, but a handshake has to read.
                channel.read();
                usable.addListener(used -> ended(server, endpoint, channel, used));
            }
        });
    }

    private void ended(ProxyServer server, Endpoint endpoint, SocketChannel channel, Future<?> attempt) {
        guard(server, () -> connected(endpoint, channel, attempt.cause())).run();
    }

    private void connected(Endpoint endpoint, SocketChannel channel, @Nullable Throwable failure) {
        if (!flow.isIn(this)) {
            channel.close();
        } else if (failure == null) {
            upstream = null;
            flow.connected(channel, since);
        } else {
            channel.close();
            flow.unreachable(endpoint, failure);
        }
    }

    /**
     * Closes an upstream channel that is not connected yet, which would otherwise hold its descriptor until the connect
     * timeout. Its failure is ignored, as the flow is in another state by now.
     */
    void cancel() {
        if (upstream != null) {
            upstream.close();
        }
    }

    @Override
    public FlowState at(long now) {
        return FlowState.CONNECTING;
    }
}
