package blackhole.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.util.ReferenceCountUtil;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Checks what each flow's client sends, and sends it back. The first eight bytes are the flow's number. */
final class SoakServer {
    final Map<Long, SoakFlow> flows = new ConcurrentHashMap<>();
    private final SoakLedger ledger;
    private final TcpServer server;

    SoakServer(EventLoopGroup loop, SoakLedger ledger) {
        this.ledger = ledger;
        server = new TcpServer(loop, true, CheckedEcho::new);
    }

    int port() {
        return server.port();
    }

    /** Returns how many connections were left: the server does not see the end of a flow that ends without FIN or RST. */
    int close() {
        int left = server.connections();
        server.close();
        return left;
    }

    private final class CheckedEcho extends TcpServer.Echo {
        private long number;
        private int headerBytes;
        private @Nullable SoakFlow flow;
        private long received;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            while (headerBytes < Long.BYTES && bytes.isReadable()) {
                number = number << 8 | bytes.readUnsignedByte();
                if (++headerBytes == Long.BYTES) {
                    flow = flows.get(number);
                    if (flow == null) {
                        ledger.fault("the server got the bytes of an unknown flow, " + number);
                    } else {
                        flow.serverEnd = (SocketChannel) ctx.channel();
                    }
                }
            }
            if (flow == null || !bytes.isReadable()) {
                ReferenceCountUtil.release(bytes);
                return;
            }
            if (!flow.stream.matches(bytes, received)) {
                ledger.fault("flow " + number + ": wrong bytes at the server after " + received);
            }
            received += bytes.readableBytes();
            ctx.write(bytes, ctx.voidPromise());
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                ctx.writeAndFlush(ctx.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (!(cause instanceof NativeIoException)) {
                ledger.fault("flow " + number + ": at the server " + cause);
            }
            super.exceptionCaught(ctx, cause);
        }
    }
}
