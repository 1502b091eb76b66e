package blackhole.proxy.relay;

import blackhole.proxy.ExpiryCause;
import blackhole.proxy.FlowEvent;
import blackhole.proxy.Middlebox;
import blackhole.proxy.idle.DiscardWatch;
import blackhole.proxy.idle.IdleClock;
import io.netty.channel.EventLoop;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The flows of one event loop, the ones that are forgotten included, and the clock over them. Runs on that loop. */
final class FlowTable {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Relay relay;
    private final EventLoop eventLoop;
    private final Set<FlowEntry> connecting = new LinkedHashSet<>();
    private final Set<FlowEntry> known = new LinkedHashSet<>();
    private final Set<FlowEntry> forgotten = new LinkedHashSet<>();

    private final IdleClock<FlowEntry> idleClock;
    private final DiscardWatch<FlowEntry> discardWatch;

    FlowTable(Relay relay, EventLoop eventLoop, int eventLoops) {
        this.relay = relay;
        this.eventLoop = eventLoop;
        idleClock = new IdleClock<>(
                eventLoop, known, this::middlebox, this::now, THREADS::getCurrentThreadCpuTime, eventLoops);
        discardWatch = new DiscardWatch<>(eventLoop, forgotten, this::now, THREADS::getCurrentThreadCpuTime);
    }

    void startClock() {
        idleClock.start();
    }

    long now() {
        return System.nanoTime();
    }

    EventLoop eventLoop() {
        return eventLoop;
    }

    Middlebox middlebox() {
        return relay.middlebox();
    }

    boolean appliesTo(FlowEntry flow) {
        return middlebox().appliesTo(flow.clientAddress().getAddress());
    }

    boolean isDarkFor(FlowEntry flow) {
        return relay.isDark() && appliesTo(flow);
    }

    /** Why a new flow is met with silence; null when it is to be connected. */
    @Nullable
    ExpiryCause noWayOnFor(FlowEntry flow, boolean hasUpstream) {
        if (!hasUpstream) {
            return ExpiryCause.NO_UPSTREAM;
        }
        if (isDarkFor(flow)) {
            return ExpiryCause.DARK;
        }
        return relay.ignoresNewFlows() && appliesTo(flow) ? ExpiryCause.TABLE_FULL : null;
    }

    void closeQuietly(LegEnd leg) {
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
        removeFromForgotten(flow);
        connecting.add(flow);
    }

    /** The flow is known from now on: newly connected, or healed. */
    void opened(FlowEntry flow) {
        removeFromForgotten(flow);
        connecting.remove(flow);
        known.add(flow);
        relay.known(flow);
    }

    void expired(FlowEntry flow) {
        connecting.remove(flow);
        removeFromKnown(flow);
        forgotten.add(flow);
        relay.tombstones().add(flow);
        relay.endTombstonesBeyondLimit();
        discardWatch.wake();
    }

    /** The flow has ended. */
    void remove(FlowEntry flow) {
        connecting.remove(flow);
        removeFromKnown(flow);
        removeFromForgotten(flow);
        relay.descriptors().giveBack();
    }

    private void removeFromKnown(FlowEntry flow) {
        if (known.remove(flow)) {
            relay.unknown(flow);
        }
    }

    private void removeFromForgotten(FlowEntry flow) {
        if (forgotten.remove(flow)) {
            relay.tombstones().remove(flow);
        }
    }

    List<FlowEntry> flows() {
        return Stream.of(connecting, known, forgotten).flatMap(Set::stream).toList();
    }

    void shutDown() {
        flows().forEach(FlowEntry::shutDown);
    }

    void shutDownNow() {
        flows().forEach(FlowEntry::shutDownNow);
    }

    boolean isEmpty() {
        return connecting.isEmpty() && known.isEmpty() && forgotten.isEmpty();
    }
}
