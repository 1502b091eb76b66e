package blackhole.middlebox.relay;

import blackhole.middlebox.kernel.FakeSocket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DefaultSocketChannelConfig;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketChannelConfig;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The channel of one leg without a network. Its journal has what the proxy did to it: bytes and FIN as its peer receives
 * them, what the kernel was asked, and how it was closed, by {@code RST}, {@code FIN} or just {@code close}, which sends
 * nothing.
 */
final class FakeLeg extends EmbeddedChannel implements SocketChannel {
    private static final int LONGEST_TEXT = 100;

    final List<String> journal = new ArrayList<>();
    final FakeSocket socket = new FakeSocket(journal);
    /** What its peer has sent, also after its release. */
    final List<ByteBuf> received = new ArrayList<>();

    private final InetSocketAddress peer;
    private final Config config = new Config();
    private @Nullable ChannelPromise connecting;
    private boolean connected;
    private boolean resetByPeer;
    private boolean receiverIsSlow;

    FakeLeg(InetSocketAddress peer, boolean connected) {
        super(DefaultChannelId.newInstance(), false, false);
        this.peer = peer;
        this.connected = connected;
        pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void connect(
                    ChannelHandlerContext ctx, SocketAddress to, SocketAddress from, ChannelPromise promise) {
                connecting = promise;
            }
        });
    }

    // What its peer does.

    void accept() {
        connected = true;
        Objects.requireNonNull(connecting).setSuccess();
        turnLoop();
    }

    void refuse() {
        Objects.requireNonNull(connecting).setFailure(new ConnectException("refused"));
        turnLoop();
    }

    void send(String text) {
        ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
        received.add(bytes);
        pipeline().fireChannelRead(bytes);
        pipeline().fireChannelReadComplete();
        turnLoop();
    }

    void sendFin() {
        pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        turnLoop();
    }

    void sendReset() {
        resetByPeer = true;
        pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
        close();
        turnLoop();
    }

    void stopReceiving() {
        receiverIsSlow = true;
    }

    void receiveAgain() {
        receiverIsSlow = false;
        flush();
        turnLoop();
    }

    private void turnLoop() {
        super.runPendingTasks();
    }

    /** Does nothing: a loop runs its tasks after what the proxy does now, not amid it. */
    @Override
    public void runPendingTasks() {}

    // What the proxy does.

    boolean isRead() {
        return isOpen() && config.isAutoRead();
    }

    @Override
    public boolean isActive() {
        return connected && super.isActive();
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) {
        while (!receiverIsSlow && out.current() != null) {
            ByteBuf bytes = (ByteBuf) out.current();
            if (bytes.isReadable()) {
                int length = bytes.readableBytes();
                journal.add(length > LONGEST_TEXT ? length + " bytes" : bytes.toString(StandardCharsets.US_ASCII));
            }
            out.remove();
        }
    }

    @Override
    public ChannelFuture shutdownOutput() {
        throw new UnsupportedOperationException();
    }

    @Override
    protected void doClose() throws Exception {
        journal.add(sentByClosing());
        super.doClose();
    }

    private String sentByClosing() {
        if (!connected || resetByPeer || socket.sendsNothingOnClose()) {
            return "close";
        }
        if (config.lingerZero) {
            return "RST";
        }
        return socket.isFinished() ? "close" : "FIN";
    }

    private final class Config extends DefaultSocketChannelConfig {
        private boolean lingerZero;

        Config() {
            super(FakeLeg.this, new Socket());
        }

        @Override
        public SocketChannelConfig setSoLinger(int seconds) {
            lingerZero = seconds == 0;
            return this;
        }

        @Override
        public SocketChannelConfig setTcpNoDelay(boolean on) {
            return this;
        }
    }

    // What a SocketChannel has.

    @Override
    public SocketChannelConfig config() {
        return config;
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return peer;
    }

    @Override
    public InetSocketAddress localAddress() {
        return InetSocketAddress.createUnresolved("proxy", 9092);
    }

    @Override
    public @Nullable ServerSocketChannel parent() {
        return null;
    }

    @Override
    public boolean isInputShutdown() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isOutputShutdown() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isShutdown() {
        throw new UnsupportedOperationException();
    }

    @Override
    public ChannelFuture shutdownInput() {
        throw new UnsupportedOperationException();
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ChannelFuture shutdown() {
        throw new UnsupportedOperationException();
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        throw new UnsupportedOperationException();
    }
}
