package blackhole.proxy.relay;

import com.sun.management.UnixOperatingSystemMXBean;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the proxy from running out of file descriptors in the middle of a flow: when two are no longer left for a flow,
 * it stops accepting, and the kernel's backlog keeps the clients that come until flows have left. Sits in the pipelines
 * of the listening channels. Thread-safe.
 */
@Sharable
final class DescriptorBudget extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(DescriptorBudget.class);

    private static final int PER_FLOW = 2;

    /** For log files, name lookups, HTTP clients, and what the JVM opens now and then. */
    private static final int RESERVE = 48;

    private final List<Channel> listening = new CopyOnWriteArrayList<>();
    private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE / 2);
    private final AtomicBoolean starving = new AtomicBoolean();

    /** To be called once everything but the flows is open. */
    void measure() {
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        if (system instanceof UnixOperatingSystemMXBean unix) {
            long unused = unix.getMaxFileDescriptorCount() - unix.getOpenFileDescriptorCount() - RESERVE;
            left.set((int) Math.max(PER_FLOW, Math.min(unused, Integer.MAX_VALUE / 2)));
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        listening.add(ctx.channel());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object accepted) {
        if (left.addAndGet(-PER_FLOW) < PER_FLOW && starving.compareAndSet(false, true)) {
            accept(false);
            LOG.atWarn()
                    .addKeyValue("event", "descriptorsUsedUp")
                    .log("out of file descriptors: no new client is accepted until a flow ends; raise the limit with"
                            + " 'ulimit -n', or keep fewer forgotten flows with --max-tombstones");
        }
        ctx.fireChannelRead(accepted);
    }

    /** To be called when a flow has ended. */
    void giveBack() {
        if (left.addAndGet(PER_FLOW) >= PER_FLOW && starving.compareAndSet(true, false)) {
            accept(true);
            LOG.atInfo().addKeyValue("event", "descriptorsBack").log("descriptors are back: accepting again");
        }
    }

    private void accept(boolean on) {
        listening.forEach(channel -> channel.config().setAutoRead(on));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // Netty's acceptor has already stopped accepting for a second, so this neither spins nor floods the log.
        LOG.atWarn().addKeyValue("event", "acceptFailed").log("can't accept: {}", cause.getMessage());
        ctx.fireExceptionCaught(cause);
    }
}
