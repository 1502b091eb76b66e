package blackhole.middlebox.relay;

import blackhole.middlebox.flow.Flow.LegStatus;
import blackhole.middlebox.flow.Leg;
import blackhole.middlebox.kernel.LegSocket;
import blackhole.middlebox.kernel.TcpInfo;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The proxy's end of one leg: its channel, the socket under it, and what it received. Belongs to one event loop. */
final class LegChannel {
    private static final Logger LOG = System.getLogger(LegChannel.class.getName());

    /** TCP_INFO's ages are in kernel ticks of up to 10 ms (CONFIG_HZ=100), which is how uncertain they are. */
    private static final long KERNEL_TICK = TimeUnit.MILLISECONDS.toNanos(10);

    private static final long LONGEST_HANDSHAKE = TimeUnit.SECONDS.toNanos(1);

    /** Bytes that may wait for a slow receiver before its sender is no longer read from. */
    private static final WriteBufferWaterMark BACKPRESSURE = new WriteBufferWaterMark(128 * 1024, 512 * 1024);

    static final LegStatus NOT_CONNECTED = new LegStatus(null, null, Duration.ZERO, 0, 0, 0, List.of());

    final Leg leg;
    final SocketChannel channel;

    private final @Nullable LegSocket socket;
    private final TcpInfo info = new TcpInfo();
    private @Nullable Queue<ByteBuf> held;
    private boolean inputShut;
    private boolean outputShut;
    private long bytesReceived;
    private long segmentsReceived;
    private int lastSegmentsIn;
    private long lastBytesMoved;
    private long lastSampleAt;
    private final Discards discards;
    private boolean blackholed;
    private boolean stalled;

    LegChannel(Leg leg, SocketChannel channel, @Nullable LegSocket socket, long now) {
        this.leg = leg;
        this.channel = channel;
        discards = new Discards(leg);
        this.socket = socket;
        // The first sample sees the handshake, which came before this.
        lastSampleAt = now - LONGEST_HANDSHAKE;
    }

    /** Sets what every leg's channel needs before it is read. TCP_NODELAY is Netty's default. */
    static void setOptions(SocketChannel channel) {
        channel.config()
                .setAutoRead(false)
                .setAllowHalfClosure(true)
                .setRecvByteBufAllocator(new ReceiveBuffers())
                .setWriteBufferWaterMark(BACKPRESSURE);
    }

    LegStatus status() {
        if (info.segmentsIn() == 0) {
            // The idle clock has not read it yet.
            onSocket("be read", tcp -> tcp.readInfo(info));
        }
        return new LegStatus(
                channel.localAddress(),
                channel.remoteAddress(),
                info.rtt(),
                bytesReceived,
                segmentsReceived,
                discards.segments(),
                discards.times());
    }

    long bytesReceived() {
        return bytesReceived;
    }

    boolean isInputShut() {
        return inputShut;
    }

    boolean isOutputShut() {
        return outputShut;
    }

    void received(ByteBuf bytes) {
        bytesReceived += bytes.readableBytes();
    }

    void inputShut() {
        inputShut = true;
        if (!outputShut) {
            EpollFlags.endReading(channel);
        }
    }

    /** Keeps bytes until they can be passed on. Takes ownership of the buffer. */
    void hold(ByteBuf bytes) {
        if (held == null) {
            held = new ArrayDeque<>();
        }
        held.add(bytes);
    }

    void passHeldTo(LegChannel to) {
        if (held != null) {
            held.forEach(to::write);
            held = null;
            to.flush();
        }
    }

    void releaseHeld() {
        if (held != null) {
            held.forEach(ByteBuf::release);
            held = null;
        }
    }

    /** Takes ownership of the buffer. */
    void write(ByteBuf bytes) {
        channel.write(bytes, channel.voidPromise());
    }

    void flush() {
        channel.flush();
    }

    boolean isBlackholed() {
        return blackholed;
    }

    /** Whether nothing that arrives is relayed, as the flow has expired. */
    boolean isCutOff() {
        return blackholed || stalled;
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    boolean hasDiscarded() {
        return discards.segments() > 0;
    }

    boolean isWritable() {
        return channel.isWritable();
    }

    void pauseReading() {
        channel.config().setAutoRead(false);
    }

    void resumeReading() {
        if (!inputShut && !isCutOff() && channel.isOpen()) {
            channel.config().setAutoRead(true);
        }
    }

    /**
     * Sends FIN once all that was written has left. {@code done} comes just before the FIN, unless the leg breaks; it may
     * close the leg, which sends the FIN as well and costs less.
     */
    void finish(Runnable done) {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener((ChannelFutureListener) flushed -> {
            if (!flushed.isSuccess() || outputShut) {
                return;
            }
            outputShut = true;
            done.run();
            if (socket == null) {
                channel.shutdownOutput();
            } else {
                // Nothing is queued, and shutdownOutput() would make an exception with a stack trace for what is.
                onSocket("be finished", LegSocket::finish);
            }
        });
    }

    void close() {
        close(channel);
    }

    /** Bypasses the codec's handlers: TLS would send something first. */
    private static void close(SocketChannel channel) {
        ChannelHandlerContext first = channel.pipeline().firstContext();
        if (first != null) {
            first.close();
        }
    }

    /** Sends RST, unless the leg is already closed. */
    void reset() {
        reset(channel);
    }

    static void reset(SocketChannel channel) {
        if (channel.isOpen()) {
            try {
                channel.config().setOption(ChannelOption.SO_LINGER, 0);
            } catch (ChannelException e) {
                LOG.log(Level.DEBUG, () -> channel + " is already reset", e);
            }
            close(channel);
        }
    }

    void closeWithoutFin() {
        onSocket("be closed without FIN", LegSocket::sendNothingOnClose);
        close();
    }

    /** Makes the kernel discard what arrives, and starts counting at 0. */
    void blackhole() {
        blackholed = true;
        pauseReading();
        onSocket("be blackholed", LegSocket::blackhole);
        onSocket("be watched", tcp -> discards.reset(tcp.discardedSegments()));
    }

    /** Stops reading; the kernel still acknowledges. */
    void stall() {
        stalled = true;
        pauseReading();
    }

    /** From now on, the peer's retransmissions arrive again. */
    void heal() {
        stalled = false;
        endBlackhole();
    }

    void endBlackhole() {
        blackholed = false;
        onSocket("be healed", LegSocket::heal);
        resumeReading();
    }

    /**
     * Returns when the last segment arrived, or {@code earlier} if none has since the last check.
     *
     * @param bytesOnly whether segments that neither carry nor acknowledge bytes don't count
     */
    long sampleActivity(long now, boolean exactDating, boolean bytesOnly, long earlier) {
        long previousSampleAt = lastSampleAt;
        lastSampleAt = now;
        long moved = lastBytesMoved;
        int arrived = sample();
        if (bytesOnly ? lastBytesMoved == moved : arrived == 0) {
            return earlier;
        }
        long acknowledgedAt = now - TimeUnit.MILLISECONDS.toNanos(info.millisSinceLastAck());
        if (exactDating && acknowledgedAt >= previousSampleAt) {
            return Math.max(earlier, Math.min(now, acknowledgedAt + KERNEL_TICK));
        }
        return now;
    }

    /**
     * Whether the connection was broken at the last check without the channel noticing: Netty does not poll a
     * channel whose input is shut, so a reset after a half-close is seen only here. With both FINs exchanged the
     * connection has ended for the kernel as well, and nothing is wrong.
     */
    boolean isGone() {
        return channel.isOpen() && inputShut && !outputShut && info.isClosed();
    }

    /** Whether all that was written has been sent, so that a reset comes behind it. */
    boolean hasSentAll() {
        onSocket("be sampled", tcp -> tcp.readInfo(info));
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        return (waiting == null || waiting.isEmpty()) && info.hasSentAll();
    }

    /** Reads TCP_INFO and returns how many segments arrived since the last time. */
    private int sample() {
        onSocket("be sampled", tcp -> tcp.readInfo(info));
        int rise = info.segmentsIn() - lastSegmentsIn;
        lastSegmentsIn = info.segmentsIn();
        lastBytesMoved = info.bytesMoved();
        segmentsReceived += rise;
        return rise;
    }

    void sampleDiscards(long now, long expiredAt, Discards.Report report) {
        if (blackholed) {
            onSocket("be watched", tcp -> discards.update(tcp.discardedSegments(), now, expiredAt, report));
        }
    }

    /** Ignores a socket that is gone: the flow is about to learn that its channel is closed. */
    private void onSocket(String what, LegSocket.Call call) {
        if (socket == null || !channel.isOpen()) {
            return;
        }
        try {
            call.on(socket);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> leg + " leg can't " + what, e);
        }
    }
}
