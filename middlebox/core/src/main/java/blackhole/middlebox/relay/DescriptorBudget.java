package blackhole.middlebox.relay;

import com.sun.management.UnixOperatingSystemMXBean;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * Keeps the proxy from running out of file descriptors in the middle of a flow: when fewer than two are left, it stops
 * accepting, and new clients wait in the kernel's backlog until flows end. Logs once per shortage, however often a slot is
 * freed and taken again. Sits in the pipelines of the listening channels. Thread-safe.
 */
@Sharable
final class DescriptorBudget extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = System.getLogger(DescriptorBudget.class.getName());

    private static final int PER_FLOW = 2;

    /** For log files, name lookups, HTTP clients, and whatever else the JVM opens occasionally. */
    private static final int RESERVE = 48;

    /** A shortage counts as over, not just interrupted by one flow ending, once no client has had to wait for this long. */
    static final Duration CALM = Duration.ofSeconds(10);

    private final BackgroundFailures failures;
    private final List<Channel> listening = new CopyOnWriteArrayList<>();
    private int left = Integer.MAX_VALUE / 2;
    private boolean shortage;
    private boolean starvedSinceLook;

    DescriptorBudget(BackgroundFailures failures) {
        this.failures = failures;
    }

    /** Call once everything except the flows is open. */
    synchronized void measure() {
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        if (system instanceof UnixOperatingSystemMXBean unix) {
            long unused = unix.getMaxFileDescriptorCount() - unix.getOpenFileDescriptorCount() - RESERVE;
            limitTo((int) Math.max(PER_FLOW, Math.min(unused, Integer.MAX_VALUE / 2)));
        }
    }

    synchronized void limitTo(int descriptors) {
        left = descriptors;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        listening.add(ctx.channel());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object accepted) {
        changeBy(-PER_FLOW);
        ctx.fireChannelRead(accepted);
    }

    /** Call when something else than a flow is opened later. */
    void takeOne() {
        changeBy(-1);
    }

    /** Call when a flow has ended. */
    void giveBack() {
        changeBy(PER_FLOW);
    }

    /**
     * Synchronized because flows may end on other event loops than the accepting one: auto-read must always match the
     * count.
     */
    private synchronized void changeBy(int descriptors) {
        boolean wasStarving = left < PER_FLOW;
        left += descriptors;
        boolean starving = left < PER_FLOW;
        if (starving || wasStarving) {
            listening.forEach(channel -> channel.config().setAutoRead(!starving));
        }
        if (starving) {
            starvedSinceLook = true;
            if (!shortage) {
                beginShortage();
            }
        }
    }

    private void beginShortage() {
        shortage = true;
        LOG.log(
                Level.WARNING,
                "out of file descriptors: new clients wait until a flow ends; raise the limit with 'ulimit -n', or keep fewer expired flows with --max-tombstones");
        lookAgain();
    }

    private void lookAgain() {
        starvedSinceLook = left < PER_FLOW;
        Runnable look = failures.guard("descriptor budget", this::endShortageWhenCalm);
        listening.get(0).eventLoop().schedule(look, CALM.toSeconds(), TimeUnit.SECONDS);
    }

    private synchronized void endShortageWhenCalm() {
        if (starvedSinceLook) {
            lookAgain();
        } else {
            shortage = false;
            LOG.log(
                    Level.INFO,
                    "file descriptors are available again: no client has had to wait in the last " + CALM.toSeconds()
                            + " s");
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // Netty's acceptor, next in the pipeline, stops accepting for a second, so this neither spins nor floods the
        // log.
        LOG.log(Level.WARNING, "failed to accept a connection: " + cause.getMessage());
        ctx.fireExceptionCaught(cause);
    }
}
