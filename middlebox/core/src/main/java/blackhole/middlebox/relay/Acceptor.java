package blackhole.middlebox.relay;

import blackhole.middlebox.flow.Leg;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;

/** Makes a flow of each accepted client. */
@Sharable
final class Acceptor extends ChannelInitializer<SocketChannel> {
    private final ProxyServer relay;
    private final UpstreamConnector connector;

    Acceptor(ProxyServer relay, UpstreamConnector connector) {
        this.relay = relay;
        this.connector = connector;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
        LegChannel.setOptions(channel);
        relay.unmute(channel);
        FlowEntry flow = new FlowEntry(relay.nextFlowId(), relay.tableOf(channel.eventLoop()), channel, connector);
        channel.pipeline().addLast(new LegHandler(flow, Leg.CLIENT));
        flow.accepted();
    }
}
