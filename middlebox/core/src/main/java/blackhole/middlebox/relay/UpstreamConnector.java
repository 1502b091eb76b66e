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
    private final ProxyServer server;
    private final @Nullable Endpoint upstream;
    private final Duration connectTimeout;

    UpstreamConnector(ProxyServer server, Route route, Duration connectTimeout) {
        this.server = server;
        this.upstream = route.upstream();
        this.connectTimeout = connectTimeout;
    }

    boolean hasUpstream() {
        return upstream != null;
    }

    /** Reports to the flow, on its event loop, that it is connected or that its upstream is unreachable. */
    void connect(SocketChannel client, ConnectingFlow flow) {
        Endpoint endpoint = upstream;
        if (endpoint == null) {
            throw new IllegalStateException("the route has no upstream");
        }
        server.names.resolve(endpoint, connectTimeout).whenComplete((address, failure) -> {
            Runnable resolved = guard(() -> connect(client, flow, endpoint, address, failure));
            if (client.eventLoop().inEventLoop()) {
                resolved.run();
            } else {
                client.eventLoop().execute(resolved);
            }
        });
    }

    private Runnable guard(Runnable task) {
        return server.failures.guard("connect to upstream", task);
    }

    private void connect(
            SocketChannel client,
            ConnectingFlow flow,
            Endpoint endpoint,
            @Nullable InetSocketAddress address,
            @Nullable Throwable failure) {
        if (!flow.isWanted()) {
            return;
        }
        if (address == null) {
            flow.unreachable(endpoint, failure instanceof CompletionException ? failure.getCause() : failure);
            return;
        }
        SocketChannel channel;
        try {
            channel = Transport.newConnecting(address);
        } catch (ChannelException e) {
            flow.unreachable(endpoint, e);
            return;
        }
        LegChannel.setOptions(channel);
        channel.config().setConnectTimeoutMillis((int) connectTimeout.toMillis());
        channel.pipeline().addLast(new LegHandler(flow.flow, Leg.UPSTREAM));
        client.eventLoop().register(channel);
        flow.connecting(channel);
        channel.connect(address).addListener(connected -> guard(() -> {
                    if (connected.isSuccess()) {
                        flow.connected(channel);
                    } else {
                        channel.close();
                        flow.unreachable(endpoint, connected.cause());
                    }
                })
                .run());
    }
}
