package blackhole.middlebox.relay;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.Route;
import blackhole.middlebox.flow.Leg;
import io.netty.channel.ChannelException;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Connects a route's flows to their upstream, on the event loop of the client's channel. Thread-safe. */
final class UpstreamConnector {
    private final ProxyServer relay;
    private final @Nullable Endpoint upstream;
    private final Duration connectTimeout;

    UpstreamConnector(ProxyServer relay, Route route, Duration connectTimeout) {
        this.relay = relay;
        this.upstream = route.upstream();
        this.connectTimeout = connectTimeout;
    }

    boolean hasUpstream() {
        return upstream != null;
    }

    /** Tells the flow, on its event loop, that it is connected or that its upstream is unreachable. */
    void connect(SocketChannel client, FlowEntry flow) {
        Endpoint endpoint = upstream;
        if (endpoint == null) {
            throw new IllegalStateException("the route has no upstream");
        }
        relay.names().resolve(endpoint, connectTimeout).whenComplete((address, failure) -> {
            if (client.eventLoop().inEventLoop()) {
                connect(client, flow, endpoint, address, failure);
            } else {
                client.eventLoop().execute(() -> connect(client, flow, endpoint, address, failure));
            }
        });
    }

    private void connect(
            SocketChannel client,
            FlowEntry flow,
            Endpoint endpoint,
            @Nullable InetSocketAddress address,
            @Nullable Throwable failure) {
        if (!flow.isConnecting()) {
            return;
        }
        if (address == null) {
            flow.unreachable(endpoint, failure instanceof CompletionException ? failure.getCause() : failure);
            return;
        }
        SocketChannel channel;
        try {
            channel = relay.transport().newConnecting(address);
        } catch (ChannelException e) {
            flow.unreachable(endpoint, e);
            return;
        }
        LegChannel.setOptions(channel);
        channel.config().setConnectTimeoutMillis((int) connectTimeout.toMillis());
        channel.pipeline().addLast(new LegHandler(flow, Leg.UPSTREAM));
        client.eventLoop().register(channel);
        flow.connecting(channel);
        channel.connect(address).addListener(connected -> {
            if (connected.isSuccess()) {
                flow.connected(channel);
            } else {
                channel.close();
                flow.unreachable(endpoint, connected.cause());
            }
        });
    }
}
