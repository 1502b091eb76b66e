package blackhole.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Connections a second: open, one byte there and back, close; sixteen at a time. */
final class ConnectionRate implements Measure {
    private static final int AT_A_TIME = 16;

    private final EventLoopGroup loop;
    private final int connections;

    ConnectionRate(EventLoopGroup loop, int connections) {
        this.loop = loop;
        this.connections = connections;
    }

    @Override
    public void run(Contender.Running contender, Recorder recorder) throws Exception {
        double cpuBefore = contender.cpuSeconds();
        long begin = System.nanoTime();
        Run run = new Run(contender.ports().get(Servers.ECHO));
        loop.next().execute(() -> {
            for (int i = 0; i < AT_A_TIME; i++) {
                run.next();
            }
        });
        if (!run.closed.await(60, TimeUnit.SECONDS) || run.failed > 0) {
            throw new IllegalStateException(run.failed + " connections failed, " + run.closed.getCount() + " left");
        }
        recorder.add(
                Metric.more("connections opened and closed", "1/s"), connections / ((System.nanoTime() - begin) / 1e9));
        if (!contender.processes().isEmpty()) {
            double cpu = contender.cpuSeconds() - cpuBefore;
            recorder.add(Metric.less("CPU a connection", "µs"), cpu / connections * 1e6);
        }
    }

    /** One connection runs through much code, and each part of it only once. */
    @Override
    public int warmUpRoundsOfJvm() {
        return 20;
    }

    private final class Run {
        final CountDownLatch closed = new CountDownLatch(connections);
        private final int port;
        private final Bootstrap bootstrap = new Bootstrap();
        private int opened;
        private volatile int failed;

        Run(int port) {
            this.port = port;
            bootstrap.group(loop).channel(EpollSocketChannel.class).handler(new ChannelInitializer<SocketChannel>() {
                @Override
                protected void initChannel(SocketChannel channel) {
                    channel.pipeline().addLast(new OneByte());
                }
            });
        }

        /** On the event loop, as all that follows. */
        void next() {
            if (opened == connections) {
                return;
            }
            opened++;
            bootstrap.connect(Ports.at(port)).addListener((ChannelFutureListener) connected -> {
                if (!connected.isSuccess()) {
                    ended(false);
                }
            });
        }

        @SuppressWarnings("NonAtomicOperationOnVolatileField")
        private void ended(boolean well) {
            failed += well ? 0 : 1;
            closed.countDown();
            next();
        }

        private final class OneByte extends ChannelInboundHandlerAdapter {
            private boolean answered;

            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                ctx.writeAndFlush(Unpooled.buffer(1).writeByte(0), ctx.voidPromise());
            }

            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ReferenceCountUtil.release(message);
                answered = true;
                ctx.close();
            }

            /** The channel's close future is done before. */
            @Override
            public void channelInactive(ChannelHandlerContext ctx) {
                ended(answered);
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                ctx.close();
            }
        }
    }
}
