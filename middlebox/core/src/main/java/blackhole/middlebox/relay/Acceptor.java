package blackhole.middlebox.relay;

import blackhole.middlebox.flow.Leg;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;

/** Makes a flow of each accepted client. */
@Sharable
final class Acceptor extends ChannelInitializer<SocketChannel> {
    private final ProxyServer server;
    private final UpstreamConnector connector;

    Acceptor(ProxyServer server, UpstreamConnector connector) {
        this.server = server;
        this.connector = connector;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
        LegChannel.setOptions(channel);
        FlowEntry flow = server.newFlow(channel, connector);
        channel.pipeline().addLast(new LegHandler(flow, Leg.CLIENT));
        flow.accepted();
    }
}
