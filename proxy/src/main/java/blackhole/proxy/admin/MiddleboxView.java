package blackhole.proxy.admin;

import blackhole.proxy.Cidr;
import blackhole.proxy.Direction;
import blackhole.proxy.Durations;
import blackhole.proxy.Middlebox;
import blackhole.proxy.OnExpiry;
import blackhole.proxy.WhenFull;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A {@link Middlebox} as the API shows it, durations as a user would write them. */
record MiddleboxView(
        String idleTimeout,
        boolean keepaliveRefreshes,
        OnExpiry onExpiry,
        Direction direction,
        @Nullable String maxLifetime,
        @Nullable Integer maxFlows,
        WhenFull whenFull,
        List<String> onlyClients,
        String tombstoneTime,
        int maxTombstones) {

    static MiddleboxView of(Middlebox box) {
        Duration lifetime = box.maxLifetime();
        return new MiddleboxView(
                Durations.format(box.idleTimeout()),
                box.keepaliveRefreshes(),
                box.onExpiry(),
                box.direction(),
                lifetime == null ? null : Durations.format(lifetime),
                box.maxFlows(),
                box.whenFull(),
                box.onlyClients().stream().map(Cidr::toString).toList(),
                Durations.format(box.tombstoneTime()),
                box.maxTombstones());
    }
}
