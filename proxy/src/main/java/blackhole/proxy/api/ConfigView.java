package blackhole.proxy.api;

import blackhole.middlebox.config.Cidr;
import blackhole.middlebox.config.Direction;
import blackhole.middlebox.config.Durations;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.WhenFull;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A {@link MiddleboxConfig} as the API shows it, durations as a user would write them. */
public record ConfigView(
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

    public static ConfigView of(MiddleboxConfig box) {
        Duration lifetime = box.maxLifetime();
        return new ConfigView(
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
