package blackhole.bench;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.flow.Flow;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Collects commands for the proxy, because each call goes over all flows. Thread-safe. */
final class SoakCommands {
    private final Set<Long> toExpire = ConcurrentHashMap.newKeySet();
    private final Set<Long> toHeal = ConcurrentHashMap.newKeySet();
    private final Set<Long> toReset = ConcurrentHashMap.newKeySet();

    void expire(long id) {
        toExpire.add(id);
    }

    void heal(long id) {
        toHeal.add(id);
    }

    void reset(long id) {
        toReset.add(id);
    }

    /** Not to be called on the proxy's event loops. */
    void give(Middlebox proxy) {
        give(toExpire, proxy::expire);
        give(toHeal, proxy::heal);
        give(toReset, proxy::reset);
    }

    private static void give(Set<Long> ids, Consumer<Predicate<Flow>> command) {
        Set<Long> taken = Set.copyOf(ids);
        if (!taken.isEmpty()) {
            ids.removeAll(taken);
            command.accept(flow -> taken.contains(flow.id()));
        }
    }
}
