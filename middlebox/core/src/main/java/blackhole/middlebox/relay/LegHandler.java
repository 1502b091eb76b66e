package blackhole.middlebox.relay;

import blackhole.middlebox.flow.Leg;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;

/** Feeds one leg's channel events to its flow. Not sharable. */
final class LegHandler extends ChannelInboundHandlerAdapter {
    private final FlowEntry flow;
    private final FlowRelay relay;
    private final Leg leg;

    LegHandler(FlowEntry flow, Leg leg) {
        this.flow = flow;
        relay = flow.relay;
        this.leg = leg;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        relay.received(leg, (ByteBuf) message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        relay.receivedAll(leg);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        relay.writabilityChanged(leg);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            relay.finReceived(leg);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        flow.broken(leg, cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        flow.gone(leg);
    }
}
