package blackhole.middlebox.relay;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The expired flows of all event loops, in the order of their expiry. Thread-safe. */
final class Tombstones {
    private final Set<FlowEntry> flows = new LinkedHashSet<>();

    synchronized void add(FlowEntry flow) {
        flows.add(flow);
    }

    synchronized void remove(FlowEntry flow) {
        flows.remove(flow);
    }

    /** Removes and returns the oldest flows beyond {@code most}. */
    synchronized List<FlowEntry> takeBeyond(int most) {
        List<FlowEntry> oldest = new ArrayList<>();
        for (Iterator<FlowEntry> each = flows.iterator(); flows.size() > most; each.remove()) {
            oldest.add(each.next());
        }
        return oldest;
    }
}
