package blackhole.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * The time from a request of 128 bytes to the last byte of its answer, when each connection sends its next request at
 * once. Client and server run on one event loop each.
 */
final class RequestResponse implements Measure {
    private static final int SIZE = 128;
    private static final long WARM_UP = TimeUnit.MILLISECONDS.toNanos(200);

    private final EventLoopGroup loop;
    private final int connections;
    private final double seconds;

    RequestResponse(EventLoopGroup loop, int connections, double seconds) {
        this.loop = loop;
        this.connections = connections;
        this.seconds = seconds;
    }

    @Override
    public void run(Contender.Running contender, Recorder recorder) throws Exception {
        double cpuBefore = contender.cpuSeconds();
        Histogram times = measure(contender.ports().get(Servers.ECHO));
        for (String percentile : List.of("50", "99", "99.9")) {
            recorder.add(
                    Metric.latency(connections, "p" + percentile),
                    times.getValueAtPercentile(Double.parseDouble(percentile)) / 1e3);
        }
        recorder.add(
                Metric.more("requests a second, " + Metric.connections(connections), "1/s"),
                times.getTotalCount() / seconds);
        if (!contender.processes().isEmpty()) {
            double cpu = contender.cpuSeconds() - cpuBefore;
            recorder.add(
                    Metric.less("CPU a request, " + Metric.connections(connections), "µs"),
                    cpu / (times.getTotalCount() * (1 + WARM_UP / 1e9 / seconds)) * 1e6);
        }
    }

    private Histogram measure(int port) throws InterruptedException {
        long begin = System.nanoTime() + WARM_UP;
        Run run = new Run(begin, begin + (long) (seconds * 1e9), connections);
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new Requester(run));
                    }
                });
        for (int i = 0; i < connections; i++) {
            bootstrap.connect(Ports.at(port)).syncUninterruptibly();
        }
        if (!run.inactive.await(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("a request was not answered");
        }
        if (run.broken > 0) {
            throw new IllegalStateException(run.broken + " connections broke");
        }
        return run.times;
    }

    /** What the requesters share, on their event loop. */
    private static final class Run {
        final long begin;
        final long end;
        final Histogram times = new Histogram(3);
        final CountDownLatch inactive;
        int broken;

        Run(long begin, long end, int connections) {
            this.begin = begin;
            this.end = end;
            inactive = new CountDownLatch(connections);
        }
    }

    private static final class Requester extends ChannelInboundHandlerAdapter {
        private final Run run;
        private final ByteBuf request = Unpooled.directBuffer(SIZE).writeZero(SIZE);
        private long sentAt;
        private int missing;

        Requester(Run run) {
            this.run = run;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            send(ctx);
        }

        private void send(ChannelHandlerContext ctx) {
            missing = SIZE;
            sentAt = System.nanoTime();
            ctx.writeAndFlush(request.retainedDuplicate(), ctx.voidPromise());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            missing -= ((ByteBuf) message).readableBytes();
            ReferenceCountUtil.release(message);
            if (missing > 0) {
                return;
            }
            long now = System.nanoTime();
            if (sentAt >= run.begin) {
                run.times.recordValue(now - sentAt);
            }
            if (now < run.end) {
                send(ctx);
            } else {
                ctx.close();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            request.release();
            run.broken += missing > 0 ? 1 : 0;
            // Not the channel's close future, which is done before this is called.
            run.inactive.countDown();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
