package blackhole.bench;

import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The client of one flow: sends, waits for the echo, thinks, and now and then idles, is expired, heals, closes or
 * resets, as its random numbers say. Everything but the proxy's events happens on its channel's event loop.
 */
final class SoakFlow extends ChannelInboundHandlerAdapter {
    private enum State {
        /** A burst is under way. */
        SENDING,
        /** All is echoed; the next act comes soon. */
        THINKING,
        /** Nothing is sent until the flow expires. */
        IDLING,
        /** The proxy will expire the flow, by command. */
        EXPIRING,
        /** The proxy will reset the flow, by command, whatever happens to it before. */
        RESETTING,
        /** FIN is sent; the rest of the echo and a FIN are to come. */
        FINISHING,
        /** We have closed or reset it. */
        LEFT
    }

    private static final int LONGEST_THINKING_MILLIS = 2_000;

    final long number;
    final SoakStream stream;
    private final Soak soak;
    private final SoakLedger ledger;
    private final SplittableRandom random;
    private State state = State.THINKING;
    private @Nullable ChannelHandlerContext context;
    /** Set by the server once it knows whose connection it is. */
    volatile @Nullable SocketChannel serverEnd;

    /** The proxy's number of the flow. */
    volatile long id;

    private volatile boolean everExpired;
    private volatile @Nullable FlowClosed closedEvent;
    private boolean expired;
    private boolean finReceived;
    private long sent;
    private long echoed;
    private long lastProgressAt = System.nanoTime();

    SoakFlow(long number, SplittableRandom random, Soak soak) {
        this.number = number;
        this.random = random;
        this.soak = soak;
        ledger = soak.ledger;
        stream = new SoakStream(number);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        ctx.writeAndFlush(ctx.alloc().buffer(Long.BYTES).writeLong(number), ctx.voidPromise());
        burst();
    }

    private void act() {
        if (state != State.THINKING || expired) {
            return;
        }
        if (soak.isEnding()) {
            finish();
            return;
        }
        int dice = random.nextInt(100);
        if (dice < 78) {
            burst();
        } else if (dice < 84) {
            ledger.act("idle");
            state = State.IDLING;
        } else if (dice < 88) {
            ledger.act("expire by command");
            if (random.nextBoolean()) {
                burst();
            } else {
                state = State.EXPIRING;
            }
            soak.toExpire.add(id);
        } else if (dice < 94) {
            finish();
        } else if (dice < 97) {
            ledger.act("reset by client");
            if (random.nextBoolean()) {
                burst();
            }
            leave(true);
        } else {
            ledger.act("reset by command");
            if (random.nextBoolean()) {
                burst();
            }
            state = State.RESETTING;
            soak.toReset.add(id);
        }
    }

    private void burst() {
        ChannelHandlerContext ctx = context;
        if (ctx == null) {
            return;
        }
        ledger.act("burst");
        int kind = random.nextInt(100);
        int length = 1 + random.nextInt(kind < 80 ? 1_000 : kind < 99 ? 16_000 : 1_000_000);
        ByteBuf bytes = ctx.alloc().buffer(length);
        stream.write(bytes, sent, length);
        sent += length;
        ledger.bytesSent.add(length);
        state = State.SENDING;
        lastProgressAt = System.nanoTime();
        ctx.writeAndFlush(bytes, ctx.voidPromise());
    }

    private void finish() {
        ledger.act("finish");
        state = State.FINISHING;
        lastProgressAt = System.nanoTime();
        if (context != null) {
            ((SocketChannel) context.channel()).shutdownOutput();
        }
    }

    private void leave(boolean reset) {
        state = State.LEFT;
        if (context != null) {
            if (reset) {
                context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
            }
            context.close();
        }
    }

    private void think() {
        state = State.THINKING;
        lastProgressAt = System.nanoTime();
        later(this::act, soak.isEnding() ? 10 : LONGEST_THINKING_MILLIS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (!stream.matches(bytes, echoed) || echoed + bytes.readableBytes() > sent) {
            ledger.fault(this + ": wrong bytes at the client after " + echoed);
        }
        echoed += bytes.readableBytes();
        ledger.bytesEchoed.add(bytes.readableBytes());
        ReferenceCountUtil.release(bytes);
        lastProgressAt = System.nanoTime();
        if (echoed == sent && state == State.SENDING && !expired) {
            think();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            finReceived = true;
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            ledger.fault(this + ": " + cause);
        }
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ledger.dropPort(((InetSocketAddress) ctx.channel().localAddress()).getPort(), this);
        switch (state) {
            case FINISHING -> {
                if (echoed != sent || !finReceived) {
                    ledger.bytesLost.add(sent - echoed);
                    ledger.fault(this + ": ended with " + (sent - echoed) + " bytes missing, FIN " + finReceived);
                }
            }
            case LEFT, EXPIRING, RESETTING -> {}
            case SENDING, THINKING, IDLING -> ledger.fault(this + ": ended by the proxy");
        }
        state = State.LEFT;
        soak.ended(this);
    }

    /** Reports a flow that makes no progress. On the event loop. */
    void checkProgress(long patienceNanos) {
        if (state != State.LEFT && System.nanoTime() - lastProgressAt > patienceNanos) {
            ledger.bytesLost.add(sent - echoed);
            ledger.fault(this + ": stuck, " + (sent - echoed) + " bytes missing");
            leave(true);
        }
    }

    // The proxy's events, on its event loop.

    void expired() {
        everExpired = true;
        onLoop(this::afterExpiry);
    }

    void healed() {
        onLoop(this::afterHealing);
    }

    void closed(FlowClosed event) {
        closedEvent = event;
        SocketChannel server = serverEnd;
        if (event.how() != CloseReason.FINISHED && server != null) {
            // The proxy may have ended it without FIN or RST.
            server.eventLoop().execute(() -> {
                if (server.isOpen()) {
                    server.config().setOption(ChannelOption.SO_LINGER, 0);
                    server.close();
                }
            });
        }
        if (event.how() == CloseReason.TOMBSTONE_TIME) {
            onLoop(this::tombstoneEnded);
        }
        if (event.how() == CloseReason.FINISHED && !everExpired) {
            onLoop(() -> {
                if (event.bytesFromClient() != sent + Long.BYTES || event.bytesFromUpstream() != sent) {
                    ledger.fault(this + ": sent " + sent + ", but the proxy counts " + event);
                }
            });
        }
    }

    private void onLoop(Runnable what) {
        soak.clientLoop().execute(what);
    }

    private void later(Runnable what, int mostMillis) {
        soak.clientLoop().schedule(what, random.nextInt(mostMillis), TimeUnit.MILLISECONDS);
    }

    private void afterExpiry() {
        expired = true;
        lastProgressAt = System.nanoTime();
        if (state == State.LEFT || state == State.RESETTING) {
            return;
        }
        if (state == State.FINISHING || state == State.SENDING || random.nextInt(100) < 60) {
            if (state == State.IDLING && random.nextBoolean()) {
                ledger.act("send after expiry");
                burst();
            }
            later(() -> soak.toHeal.add(id), 1_500);
        } else {
            ledger.act("abandon");
            leave(random.nextBoolean());
        }
    }

    /** After a long pause of the machine, the command to heal the flow comes too late, and no packet says so. */
    private void tombstoneEnded() {
        if (state != State.LEFT) {
            ledger.act("too late to be healed");
            leave(true);
        }
    }

    private void afterHealing() {
        expired = false;
        lastProgressAt = System.nanoTime();
        switch (state) {
            case IDLING, EXPIRING, THINKING -> think();
            case SENDING -> {
                if (echoed == sent) {
                    think();
                }
            }
            default -> {}
        }
    }

    @Override
    public String toString() {
        return "flow " + number + " (the proxy's " + id + ", " + state + (expired ? ", expired" : "")
                + (everExpired ? ", expired before" : "") + ", closed: " + closedEvent + ")";
    }
}
