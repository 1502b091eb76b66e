package blackhole.proxy.relay;

import blackhole.proxy.Flow;
import blackhole.proxy.FlowEvent;
import blackhole.proxy.FlowEvent.CloseReason;
import blackhole.proxy.Middlebox;
import blackhole.proxy.idle.DiscardWatch;
import blackhole.proxy.idle.IdleClock;
import io.netty.channel.EventLoop;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The flows of one event loop, the ones that are forgotten included, and the clock over them. Runs on that loop. */
final class FlowTable {
    private final Relay relay;
    private final Set<FlowEntry> connecting = new LinkedHashSet<>();
    private final Set<FlowEntry> known = new LinkedHashSet<>();
    /** In the order of their expiry. */
    private final Set<FlowEntry> forgotten = new LinkedHashSet<>();

    private final IdleClock<FlowEntry> idleClock;
    private final DiscardWatch<FlowEntry> discardWatch;

    FlowTable(Relay relay, EventLoop eventLoop) {
        this.relay = relay;
        idleClock = new IdleClock<>(eventLoop, known, () -> middlebox().idleTimeout(), this::now);
        discardWatch = new DiscardWatch<>(eventLoop, forgotten, this::now);
    }

    void startClock() {
        idleClock.start();
    }

    long now() {
        return System.nanoTime();
    }

    Middlebox middlebox() {
        return relay.middlebox();
    }

    boolean canCloseSilently() {
        return relay.canCloseSilently();
    }

    void emit(FlowEvent event) {
        relay.emit(event);
    }

    void connecting(FlowEntry flow) {
        connecting.add(flow);
    }

    void opened(FlowEntry flow) {
        connecting.remove(flow);
        known.add(flow);
    }

    void expired(FlowEntry flow) {
        known.remove(flow);
        forgotten.add(flow);
        relay.tombstones().incrementAndGet();
        endTombstonesBeyond(middlebox().maxTombstones());
        discardWatch.wake();
    }

    private void endTombstonesBeyond(int most) {
        while (relay.tombstones().get() > most && !forgotten.isEmpty()) {
            forgotten.iterator().next().endTombstone(CloseReason.TOO_MANY_TOMBSTONES);
        }
    }

    void remove(FlowEntry flow) {
        connecting.remove(flow);
        known.remove(flow);
        if (forgotten.remove(flow)) {
            relay.tombstones().decrementAndGet();
        }
    }

    List<Flow> snapshot() {
        return all().stream().map(FlowEntry::snapshot).toList();
    }

    void shutDown() {
        all().forEach(FlowEntry::shutDown);
    }

    void shutDownNow() {
        all().forEach(FlowEntry::shutDownNow);
    }

    boolean isEmpty() {
        return connecting.isEmpty() && known.isEmpty() && forgotten.isEmpty();
    }

    private List<FlowEntry> all() {
        return Stream.of(connecting, known, forgotten).flatMap(Set::stream).toList();
    }
}
