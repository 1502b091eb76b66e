package blackhole.middlebox.relay;

import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.idle.DiscardWatch;
import blackhole.middlebox.idle.IdleClock;
import blackhole.middlebox.idle.SweepLoop;
import io.netty.channel.EventLoop;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The flows of one event loop, expired ones included, and the clock over them. Runs on that loop. */
final class FlowTable {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    final ProxyServer server;

    private final EventLoop eventLoop;
    private final Set<FlowEntry> connecting = new LinkedHashSet<>();
    private final Set<FlowEntry> tracked = new LinkedHashSet<>();
    private final Set<FlowEntry> expired = new LinkedHashSet<>();
    private final DiscardWatch<FlowEntry> discardWatch;

    /** Starts the idle clock. */
    FlowTable(ProxyServer server, EventLoop eventLoop, int eventLoops) {
        this.server = server;
        this.eventLoop = eventLoop;
        SweepLoop loop = new SweepLoop(
                eventLoop, server.platform::now, THREADS::getCurrentThreadCpuTime, server.failures::report);
        discardWatch = new DiscardWatch<>(loop, expired);
        IdleClock<FlowEntry> idleClock = new IdleClock<>(loop, tracked, this::config, eventLoops);
        execute("idle clock", idleClock::start);
    }

    long now() {
        return server.platform.now();
    }

    /** Runs a task on the event loop, later; what it throws is reported. */
    void execute(String name, Runnable task) {
        eventLoop.execute(server.failures.guard(name, task));
    }

    MiddleboxConfig config() {
        return server.config();
    }

    boolean appliesTo(FlowEntry flow) {
        return config().appliesTo(flow.clientAddress().getAddress());
    }

    boolean hasOutageFor(FlowEntry flow) {
        return server.hasOutage() && appliesTo(flow);
    }

    /** Returns why a new flow expires instead of being connected, or null if it may connect. */
    @Nullable
    ExpiryCause refusalCause(FlowEntry flow, boolean hasUpstream) {
        if (!hasUpstream) {
            return ExpiryCause.NO_UPSTREAM;
        }
        if (hasOutageFor(flow)) {
            return ExpiryCause.OUTAGE;
        }
        return server.tracked.ignoreNewOnes() && appliesTo(flow) ? ExpiryCause.TABLE_FULL : null;
    }

    void closeWithoutFin(LegChannel leg) {
        if (server.canCloseSilently) {
            leg.closeWithoutFin();
        } else {
            leg.close();
        }
    }

    void connecting(FlowEntry flow) {
        removeFromExpired(flow);
        connecting.add(flow);
    }

    /** Tracks a flow that was connected or healed. */
    void track(FlowEntry flow) {
        removeFromExpired(flow);
        connecting.remove(flow);
        tracked.add(flow);
        server.tracked.add(flow);
    }

    void expired(FlowEntry flow) {
        connecting.remove(flow);
        removeFromTracked(flow);
        expired.add(flow);
        server.tombstones.add(flow);
        discardWatch.wake();
    }

    /** Removes a flow that has ended. */
    void remove(FlowEntry flow) {
        connecting.remove(flow);
        removeFromTracked(flow);
        removeFromExpired(flow);
        server.descriptors.giveBack();
    }

    private void removeFromTracked(FlowEntry flow) {
        if (tracked.remove(flow)) {
            server.tracked.remove(flow);
        }
    }

    private void removeFromExpired(FlowEntry flow) {
        if (expired.remove(flow)) {
            server.tombstones.remove(flow);
        }
    }

    List<FlowEntry> flows() {
        return Stream.of(connecting, tracked, expired).flatMap(Set::stream).toList();
    }

    boolean isEmpty() {
        return connecting.isEmpty() && tracked.isEmpty() && expired.isEmpty();
    }
}
