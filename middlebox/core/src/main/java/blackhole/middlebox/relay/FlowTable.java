package blackhole.middlebox.relay;

import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.idle.DiscardWatch;
import blackhole.middlebox.idle.IdleClock;
import io.netty.channel.EventLoop;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The flows of one event loop, the ones that expire included, and the clock over them. Runs on that loop. */
final class FlowTable {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final ProxyServer relay;
    private final EventLoop eventLoop;
    private final Set<FlowEntry> connecting = new LinkedHashSet<>();
    private final Set<FlowEntry> known = new LinkedHashSet<>();
    private final Set<FlowEntry> expired = new LinkedHashSet<>();

    private final IdleClock<FlowEntry> idleClock;
    private final DiscardWatch<FlowEntry> discardWatch;

    FlowTable(ProxyServer relay, EventLoop eventLoop, int eventLoops) {
        this.relay = relay;
        this.eventLoop = eventLoop;
        idleClock = new IdleClock<>(
                eventLoop,
                known,
                this::middlebox,
                this::now,
                THREADS::getCurrentThreadCpuTime,
                eventLoops,
                failure -> relay.failures().report("idle clock", failure));
        discardWatch = new DiscardWatch<>(
                eventLoop, expired, this::now, THREADS::getCurrentThreadCpuTime, failure -> relay.failures()
                        .report("discard watch", failure));
    }

    void startClock() {
        idleClock.start();
    }

    long now() {
        return System.nanoTime();
    }

    /** Runs a task on the event loop, later; what it throws is reported. */
    void execute(String name, Runnable task) {
        eventLoop.execute(relay.failures().guard(name, task));
    }

    MiddleboxConfig middlebox() {
        return relay.middlebox();
    }

    boolean appliesTo(FlowEntry flow) {
        return middlebox().appliesTo(flow.clientAddress().getAddress());
    }

    boolean hasOutageFor(FlowEntry flow) {
        return relay.hasOutage() && appliesTo(flow);
    }

    /** Why a new flow is met with silence; null when it is to be connected. */
    @Nullable
    ExpiryCause refusalCause(FlowEntry flow, boolean hasUpstream) {
        if (!hasUpstream) {
            return ExpiryCause.NO_UPSTREAM;
        }
        if (hasOutageFor(flow)) {
            return ExpiryCause.OUTAGE;
        }
        return relay.ignoresNewFlows() && appliesTo(flow) ? ExpiryCause.TABLE_FULL : null;
    }

    void closeQuietly(LegChannel leg) {
        if (relay.canCloseSilently()) {
            leg.closeSilently();
        } else {
            leg.close();
        }
    }

    void emit(FlowEvent event) {
        relay.emit(event);
    }

    void connecting(FlowEntry flow) {
        removeFromExpired(flow);
        connecting.add(flow);
    }

    /** The flow is known from now on: newly connected, or healed. */
    void opened(FlowEntry flow) {
        removeFromExpired(flow);
        connecting.remove(flow);
        known.add(flow);
        relay.known(flow);
    }

    void expired(FlowEntry flow) {
        connecting.remove(flow);
        removeFromKnown(flow);
        expired.add(flow);
        relay.tombstones().add(flow);
        relay.endTombstonesBeyondLimit();
        discardWatch.wake();
    }

    /** The flow has ended. */
    void remove(FlowEntry flow) {
        connecting.remove(flow);
        removeFromKnown(flow);
        removeFromExpired(flow);
        relay.descriptors().giveBack();
    }

    private void removeFromKnown(FlowEntry flow) {
        if (known.remove(flow)) {
            relay.unknown(flow);
        }
    }

    private void removeFromExpired(FlowEntry flow) {
        if (expired.remove(flow)) {
            relay.tombstones().remove(flow);
        }
    }

    List<FlowEntry> flows() {
        return Stream.of(connecting, known, expired).flatMap(Set::stream).toList();
    }

    void shutDown() {
        flows().forEach(FlowEntry::shutDown);
    }

    void shutDownNow() {
        flows().forEach(FlowEntry::shutDownNow);
    }

    boolean isEmpty() {
        return connecting.isEmpty() && known.isEmpty() && expired.isEmpty();
    }
}
