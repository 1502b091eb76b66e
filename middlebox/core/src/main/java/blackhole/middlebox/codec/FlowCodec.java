package blackhole.middlebox.codec;

import blackhole.middlebox.config.Endpoint;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * What the bytes of one flow pass through between its sockets and the relay: handlers in the pipelines of its legs, before
 * the relay's own. The relay reads and writes {@link io.netty.buffer.ByteBuf}s, and writes an empty one before it sends
 * FIN. It takes an {@link java.io.IOException} in a pipeline as the end of that leg, and any other exception as a bug.
 * Idle time does not depend on the handlers, as activity is segments. All methods are called on the flow's event loop.
 */
public interface FlowCodec {
    /** Returns the server to connect to; asked once, before the other methods. */
    Endpoint upstream();

    /** Adds handlers to the client leg when it is accepted. */
    void addToClient(SocketChannel client);

    /**
     * Adds handlers to the upstream leg before it connects; again with another channel if the flow connects again.
     *
     * @return completes when the upstream can be used or is unreachable, within the connect timeout, and fails when the
     *     channel is closed; null if it can be used once it is connected
     */
    @Nullable
    Future<?> addToUpstream(SocketChannel upstream, Endpoint endpoint);

    /** Returns what the flow is, in a few words for people; null if that is not known yet. */
    @Nullable
    String description();
}
