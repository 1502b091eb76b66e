package blackhole.bench;

import blackhole.middlebox.Middlebox;
import java.util.HashSet;
import java.util.Set;

/** Collects commands for the proxy, because each call goes over all flows. Thread-safe. */
final class SoakCommands {
    private Set<Long> toExpire = new HashSet<>();
    private Set<Long> toHeal = new HashSet<>();
    private Set<Long> toReset = new HashSet<>();

    synchronized void expire(long id) {
        toExpire.add(id);
    }

    synchronized void heal(long id) {
        toHeal.add(id);
    }

    synchronized void reset(long id) {
        toReset.add(id);
    }

    /** Not to be called on the proxy's event loops. */
    void give(Middlebox proxy) {
        Set<Long> expire;
        Set<Long> heal;
        Set<Long> reset;
        synchronized (this) {
            expire = toExpire;
            heal = toHeal;
            reset = toReset;
            toExpire = new HashSet<>();
            toHeal = new HashSet<>();
            toReset = new HashSet<>();
        }
        if (!expire.isEmpty()) {
            proxy.expire(flow -> expire.contains(flow.id()));
        }
        if (!heal.isEmpty()) {
            proxy.heal(flow -> heal.contains(flow.id()));
        }
        if (!reset.isEmpty()) {
            proxy.reset(flow -> reset.contains(flow.id()));
        }
    }
}
