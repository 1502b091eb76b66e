package blackhole.middlebox.relay;

import blackhole.middlebox.config.Route;
import blackhole.middlebox.flow.Leg;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import java.time.Duration;

/** Makes a flow of each accepted client of a route. */
@Sharable
final class Acceptor extends ChannelInitializer<SocketChannel> {
    private final ProxyServer server;
    private final Route route;
    private final Duration connectTimeout;

    Acceptor(ProxyServer server, Route route, Duration connectTimeout) {
        this.server = server;
        this.route = route;
        this.connectTimeout = connectTimeout;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
        LegChannel.setOptions(channel);
        FlowEntry flow = server.newFlow(channel, route.upstream(), connectTimeout);
        channel.pipeline().addLast(new LegHandler(flow, Leg.CLIENT));
        flow.accepted();
    }
}
