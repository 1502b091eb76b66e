package blackhole.middlebox.relay;

import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.flow.FlowEvent.CloseReason;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Supplier;

/** The expired flows of all event loops in the order of their expiry, and the limit on their number. Thread-safe. */
final class Tombstones {
    private final Supplier<MiddleboxConfig> settings;
    private final Set<FlowEntry> flows = new LinkedHashSet<>();

    Tombstones(Supplier<MiddleboxConfig> settings) {
        this.settings = settings;
    }

    synchronized void add(FlowEntry flow) {
        flows.add(flow);
        endBeyondLimit();
    }

    synchronized void remove(FlowEntry flow) {
        flows.remove(flow);
    }

    /** Ends the oldest flows beyond the limit. */
    synchronized void endBeyondLimit() {
        int most = settings.get().maxTombstones();
        for (Iterator<FlowEntry> oldest = flows.iterator(); flows.size() > most; oldest.remove()) {
            FlowEntry flow = oldest.next();
            flow.execute("tombstone", () -> flow.endTombstone(CloseReason.TOO_MANY_TOMBSTONES));
        }
    }
}
