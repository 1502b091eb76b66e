package blackhole.middlebox.relay;

import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.WhenFull;
import blackhole.middlebox.flow.ExpiryCause;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The tracked flows of all event loops, and what a full table does about them. Thread-safe. */
final class TrackedFlows {
    private final Supplier<MiddleboxConfig> settings;
    private final Runnable changedUnderLimit;
    private final Set<FlowEntry> flows = ConcurrentHashMap.newKeySet();

    /** @param changedUnderLimit runs when a flow was added or removed, if the number of flows is limited */
    TrackedFlows(Supplier<MiddleboxConfig> settings, Runnable changedUnderLimit) {
        this.settings = settings;
        this.changedUnderLimit = changedUnderLimit;
    }

    void add(FlowEntry flow) {
        flows.add(flow);
        expireBeyondLimit(flow);
        changed();
    }

    void remove(FlowEntry flow) {
        flows.remove(flow);
        changed();
    }

    private void changed() {
        if (settings.get().maxFlows() != null) {
            changedUnderLimit.run();
        }
    }

    /** Whether the table is full and new flows are ignored. */
    boolean ignoreNewOnes() {
        MiddleboxConfig config = settings.get();
        return config.whenFull() == WhenFull.IGNORE
                && config.maxFlows() != null
                && countIn(config) >= config.maxFlows();
    }

    /** Expires the least recently active flows beyond the limit, except {@code newest}. */
    void expireBeyondLimit(@Nullable FlowEntry newest) {
        MiddleboxConfig config = settings.get();
        if (config.maxFlows() == null || config.whenFull() != WhenFull.EXPIRE_LONGEST_IDLE) {
            return;
        }
        int tooMany = countIn(config) - config.maxFlows();
        if (tooMany <= 0) {
            return;
        }
        flows.stream()
                .filter(flow -> flow != newest && isCounted(config, flow))
                .map(flow -> new Candidate(flow, flow.lastActivityAt()))
                .sorted(Comparator.comparingLong(Candidate::lastActivityAt))
                .limit(tooMany)
                .map(Candidate::flow)
                .forEach(flow -> flow.execute("expiry", () -> flow.expireNow(ExpiryCause.TABLE_FULL)));
    }

    /** Other event loops go on noting activity, and a key that changes can't be sorted by. */
    private record Candidate(FlowEntry flow, long lastActivityAt) {}

    private int countIn(MiddleboxConfig config) {
        return config.onlyClients().isEmpty()
                ? flows.size()
                : (int) flows.stream().filter(flow -> isCounted(config, flow)).count();
    }

    private static boolean isCounted(MiddleboxConfig config, FlowEntry flow) {
        return config.appliesTo(flow.clientAddress().getAddress());
    }
}
