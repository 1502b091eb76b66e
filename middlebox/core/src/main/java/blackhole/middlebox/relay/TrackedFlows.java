package blackhole.middlebox.relay;

import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.WhenFull;
import blackhole.middlebox.flow.ExpiryCause;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The flows that the middlebox knows, over all event loops, and what a full table does about them. Thread-safe. */
final class TrackedFlows {
    private final Supplier<MiddleboxConfig> middlebox;
    private final Set<FlowEntry> flows = ConcurrentHashMap.newKeySet();

    TrackedFlows(Supplier<MiddleboxConfig> middlebox) {
        this.middlebox = middlebox;
    }

    void add(FlowEntry flow) {
        flows.add(flow);
        expireBeyondLimit(flow);
    }

    void remove(FlowEntry flow) {
        flows.remove(flow);
    }

    /** Whether there is no room for one more, and none is made. */
    boolean ignoreNewOnes() {
        MiddleboxConfig box = middlebox.get();
        return box.whenFull() == WhenFull.IGNORE && box.maxFlows() != null && countIn(box) >= box.maxFlows();
    }

    /** Expires the least recently active flows that are too many, but not the one that the room is for. */
    void expireBeyondLimit(@Nullable FlowEntry newest) {
        MiddleboxConfig box = middlebox.get();
        if (box.maxFlows() == null || box.whenFull() != WhenFull.EXPIRE_LONGEST_IDLE) {
            return;
        }
        int tooMany = countIn(box) - box.maxFlows();
        if (tooMany <= 0) {
            return;
        }
        flows.stream()
                .filter(flow -> flow != newest && concerns(box, flow))
                .map(flow -> new Candidate(flow, flow.lastActivityAt()))
                .sorted(Comparator.comparingLong(Candidate::lastActivityAt))
                .limit(tooMany)
                .map(Candidate::flow)
                .forEach(flow -> flow.expireLater(ExpiryCause.TABLE_FULL));
    }

    /** Other event loops go on noting activity, and a key that changes can't be sorted by. */
    private record Candidate(FlowEntry flow, long lastActivityAt) {}

    private int countIn(MiddleboxConfig box) {
        return box.onlyClients().isEmpty()
                ? flows.size()
                : (int) flows.stream().filter(flow -> concerns(box, flow)).count();
    }

    private static boolean concerns(MiddleboxConfig box, FlowEntry flow) {
        return box.appliesTo(flow.clientAddress().getAddress());
    }
}
