package blackhole.middlebox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blackhole.middlebox.codec.FlowCodec;
import blackhole.middlebox.codec.RouteCodec;
import blackhole.middlebox.codec.RouteOpener;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.Route;
import blackhole.middlebox.config.Upstream;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.middlebox.flow.FlowEvent.UpstreamUnreachable;
import blackhole.support.RawPeer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a route's codec may do. */
class CodecIT {
    @Test
    void bytesOfBothLegsPassThroughTheCodec() throws Exception {
        try (Proxy proxy = new Proxy(false);
                RawPeer client = proxy.connect();
                RawPeer upstream = proxy.rig.accept()) {

            client.send("change");
            String request = upstream.receive(6);
            upstream.send("change");

            assertThat(request).isEqualTo("-hange");
            assertThat(client.receive(6)).isEqualTo("-hange");
            assertThat(proxy.box.flows()).extracting(Flow::description).containsExactly("a test's");
        }
    }

    @Test
    void eventLoopOpensAnotherRoute() throws Exception {
        try (Proxy proxy = new Proxy(false);
                RawPeer client = proxy.connect();
                RawPeer upstream = proxy.rig.accept()) {

            client.send("open");
            upstream.receive(4);

            try (RawPeer another = RawPeer.connect(Objects.requireNonNull(proxy.codec.another));
                    RawPeer itsUpstream = proxy.rig.accept()) {
                another.send("ping");
                assertThat(itsUpstream.receive(4)).isEqualTo("ping");
            }
        }
    }

    @Test
    void routeOpenedDuringAnOutageAnswersAfterIt() throws Exception {
        try (Proxy proxy = new Proxy(false)) {
            proxy.box.outage(true);
            InetSocketAddress another = proxy.codec.openAnother();

            assertThatThrownBy(() -> RawPeer.connect(another, Duration.ofMillis(200)))
                    .isInstanceOf(SocketTimeoutException.class);
            proxy.box.outage(false);

            RawPeer.connect(another).close();
        }
    }

    @Test
    void brokenCodecResetsItsFlowOnly() throws Exception {
        try (Proxy proxy = new Proxy(false);
                RawPeer client = proxy.connect();
                RawPeer upstream = proxy.rig.accept();
                RawPeer other = proxy.connect();
                RawPeer otherUpstream = proxy.rig.accept()) {

            client.send("fail");

            assertThat(client.awaitFailure()).hasMessageContaining("reset");
            assertThat(upstream.awaitFailure()).hasMessageContaining("reset");
            other.send("ping");
            assertThat(otherUpstream.receive(4)).isEqualTo("ping");
            assertThat(proxy.box.failure()).isEmpty();
        }
    }

    @Test
    void flowIsLiveOnceItsUpstreamCanBeUsed() throws Exception {
        BlockingQueue<Object> events = new LinkedBlockingQueue<>();
        try (Proxy proxy = new Proxy(true);
                RawPeer client = proxy.connect();
                RawPeer upstream = proxy.rig.accept()) {
            proxy.box.addListener(events::add);
            client.send("ping");

            upstream.send("welcome");

            assertThat(upstream.receive(4)).isEqualTo("ping");
            assertThat(events.poll(20, TimeUnit.SECONDS)).isInstanceOf(FlowOpened.class);
        }
    }

    @Test
    void clientOfAnUpstreamThatCannotBeUsedIsReset() throws Exception {
        BlockingQueue<Object> events = new LinkedBlockingQueue<>();
        try (Proxy proxy = new Proxy(true);
                RawPeer client = proxy.connect();
                RawPeer upstream = proxy.rig.accept()) {
            proxy.box.addListener(events::add);

            upstream.send("refusal");

            assertThat(client.awaitFailure()).hasMessageContaining("reset");
            assertThat(upstream.receiveAll()).isEmpty();
            assertThat(events.poll(20, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(UpstreamUnreachable.class, event -> assertThat(event.reason())
                            .isEqualTo("not welcome"));
            assertThat(proxy.box.failure()).isEmpty();
        }
    }

    private static final class Proxy implements AutoCloseable {
        final Rig rig = Rig.start();
        final Codec codec;
        final Middlebox box;

        Proxy(boolean handshake) throws IOException {
            codec = new Codec(new Endpoint("127.0.0.1", rig.server().getLocalPort()), handshake);
            box = Middlebox.builder()
                    .route(new Route(new Endpoint("127.0.0.1", 0), new Upstream.Server(codec.upstream())), codec)
                    .start();
        }

        RawPeer connect() throws IOException {
            return RawPeer.connect(box.address());
        }

        @Override
        public void close() throws IOException {
            box.close();
            rig.close();
        }
    }

    /** Acts on the first letter of what arrives. */
    private static final class Codec implements RouteCodec, FlowCodec {
        private final Endpoint upstream;
        private final boolean handshake;
        private @Nullable RouteOpener opener;
        volatile @Nullable InetSocketAddress another;

        Codec(Endpoint upstream, boolean handshake) {
            this.upstream = upstream;
            this.handshake = handshake;
        }

        InetSocketAddress openAnother() {
            return Objects.requireNonNull(opener).open(new Endpoint("127.0.0.1", 0), this);
        }

        @Override
        public String option() {
            return "test";
        }

        @Override
        public void opened(InetSocketAddress listening, RouteOpener routeOpener) {
            opener = routeOpener;
        }

        @Override
        public FlowCodec newFlow() {
            return this;
        }

        @Override
        public Endpoint upstream() {
            return upstream;
        }

        @Override
        public void addToClient(SocketChannel client) {
            client.pipeline().addLast(new Actor());
        }

        @Override
        public @Nullable Future<?> addToUpstream(SocketChannel channel, Endpoint endpoint) {
            if (!handshake) {
                channel.pipeline().addLast(new Actor());
                return null;
            }
            Promise<Void> usable = channel.eventLoop().newPromise();
            channel.pipeline().addLast(new Handshake(usable));
            return usable;
        }

        @Override
        public String description() {
            return "a test's";
        }

        private final class Actor extends ChannelInboundHandlerAdapter {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) throws IOException {
                ByteBuf bytes = (ByteBuf) message;
                switch (bytes.getByte(bytes.readerIndex())) {
                    case 'c' -> bytes.setByte(bytes.readerIndex(), '-');
                    case 'o' -> another = openAnother();
                    case 'f' -> {
                        bytes.release();
                        throw new IOException("failed");
                    }
                    default -> {}
                }
                ctx.fireChannelRead(bytes);
            }
        }
    }

    private static final class Handshake extends ChannelInboundHandlerAdapter {
        private final Promise<Void> usable;

        Handshake(Promise<Void> usable) {
            this.usable = usable;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            boolean welcome = bytes.getByte(bytes.readerIndex()) == 'w';
            bytes.release();
            if (welcome) {
                usable.setSuccess(null);
            } else {
                usable.setFailure(new IOException("not welcome"));
            }
        }
    }
}
