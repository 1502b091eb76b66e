package blackhole.kafka;

import blackhole.middlebox.codec.FlowCodec;
import blackhole.middlebox.config.Endpoint;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A flow to a broker, and what is known about it. Belongs to the flow's event loop. */
final class KafkaFlow implements FlowCodec {
    private static final Logger LOG = System.getLogger(KafkaFlow.class.getName());

    final AwaitedResponses awaited = new AwaitedResponses();

    private final Cluster cluster;
    private final Endpoint upstream;
    private final String broker;
    private final @Nullable BrokerPort withoutBroker;
    private @Nullable SocketChannel client;
    private @Nullable SocketChannel server;
    private @Nullable String clientId;
    private short lastKey = -1;

    /**
     * @param broker for people
     * @param withoutBroker the port that the client connected to, if it has no broker yet
     */
    KafkaFlow(Cluster cluster, Endpoint upstream, String broker, @Nullable BrokerPort withoutBroker) {
        this.cluster = cluster;
        this.upstream = upstream;
        this.broker = broker;
        this.withoutBroker = withoutBroker;
    }

    @Override
    public Endpoint upstream() {
        return upstream;
    }

    @Override
    public void addToClient(SocketChannel channel) {
        client = channel;
        channel.pipeline().addLast(new Requests(this));
        if (withoutBroker != null) {
            withoutBroker.add(this);
            channel.closeFuture().addListener(closed -> withoutBroker.remove(this));
        }
    }

    @Override
    public @Nullable Future<?> addToUpstream(SocketChannel channel, Endpoint endpoint) {
        server = channel;
        Future<?> usable = cluster.tls == null ? null : cluster.tls.addTo(channel, endpoint);
        channel.pipeline().addLast(new ResponseHandler(this));
        return usable;
    }

    @Override
    public String description() {
        return broker + (clientId == null ? "" : ", " + clientId) + (lastKey < 0 ? "" : ", " + ApiName.of(lastKey));
    }

    /** Called with the client's own words, of which no control character gets into the log. */
    void clientId(String id) {
        clientId = id.isBlank() ? null : id.replaceAll("\\p{Cntrl}", "?");
    }

    void requested(short key) {
        lastKey = key;
    }

    /** Returns where this flow's client finds a broker. */
    Endpoint proxied(int brokerId, Endpoint address) throws RefusedException {
        return new Endpoint(cluster.advertisedHost(client().localAddress()), cluster.portOf(brokerId, address));
    }

    /** Ends this flow as if its broker had closed it, unless it leads to this address already. Any thread. */
    void endUnlessTo(Endpoint address) {
        if (!address.equals(upstream)) {
            client().eventLoop().execute(this::end);
        }
    }

    private void end() {
        ChannelHandlerContext responses =
                server == null ? null : server.pipeline().context(ResponseHandler.class);
        if (responses != null && responses.channel().isActive()) {
            responses.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        } else {
            client().pipeline().fireExceptionCaught(new RefusedException("the port has a broker now"));
        }
    }

    void logRefusal(String from, RefusedException reason) {
        LOG.log(
                Level.WARNING,
                "flow from " + Endpoint.of(client().remoteAddress()) + " (" + description() + ") ended because of its "
                        + from + ": " + reason.getMessage());
    }

    private SocketChannel client() {
        return Objects.requireNonNull(client, "added when the flow is accepted");
    }
}
