package blackhole.middlebox.relay;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.flow.FlowState;
import io.netty.channel.socket.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A flow whose client is accepted and whose upstream is being resolved and connected. Belongs to the flow's event loop. */
final class ConnectingFlow implements State {
    final FlowEntry flow;

    /** When the flow was accepted, or healed. */
    private final long since;

    private @Nullable SocketChannel upstream;

    ConnectingFlow(FlowEntry flow, long since) {
        this.flow = flow;
        this.since = since;
    }

    /** Returns false once the flow is in another state: expired, ended, or connecting anew. */
    boolean isWanted() {
        return flow.isIn(this);
    }

    void connecting(SocketChannel channel) {
        upstream = channel;
    }

    void connected(SocketChannel channel) {
        if (isWanted()) {
            upstream = null;
            flow.connected(channel, since);
        } else {
            channel.close();
        }
    }

    void unreachable(Endpoint endpoint, Throwable cause) {
        if (isWanted()) {
            flow.unreachable(endpoint, cause);
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
