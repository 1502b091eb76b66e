package blackhole.proxy.cli;

import blackhole.middlebox.config.Cidr;
import blackhole.middlebox.config.Direction;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.MiddleboxConfigBuilder;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.WhenFull;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What kind of box the proxy plays; what is not given stays as it is in the profile. */
final class ConfigOptions {
    @Option(
            names = "--idle-timeout",
            paramLabel = "DURATION",
            description = {
                "Expire a flow when neither side has sent a segment for so long, keepalive probes included"
                        + " (default: 5m).",
                "Durations are 1500ms, 300s, 5m, 2h or ISO-8601 (PT5M)."
            })
    private @Nullable Duration idleTimeout;

    @Option(
            names = "--keepalive-refreshes",
            paramLabel = "true|false",
            arity = "1",
            description =
                    "Whether keepalive probes count as activity (default: true). Boxes that terminate TCP count bytes"
                            + " only: false.")
    private @Nullable Boolean keepaliveRefreshes;

    @Option(
            names = "--on-expiry",
            paramLabel = "BEHAVIOUR",
            description = {
                "What an expired flow's packets meet (default: drop).",
                "drop: silence; they are discarded unacknowledged.",
                "reset-sender: the next packet of a side is answered with RST to that side, unacknowledged.",
                "reset-client: the next packet of either side is answered with RST to the client.",
                "reset-both: RST to both sides at expiry.",
                "close-both: FIN to both sides at expiry.",
                "stall: the proxy only stops reading while its kernel goes on acknowledging. No NAT does that; it is all"
                        + " there is on systems that are not Linux."
            })
    private @Nullable OnExpiry onExpiry;

    @Option(
            names = "--direction",
            paramLabel = "DIRECTION",
            description = "Whose packets vanish from an expired flow, with on-expiry drop: client-to-upstream,"
                    + " upstream-to-client or both (default: both).")
    private @Nullable Direction direction;

    @Option(
            names = "--max-lifetime",
            paramLabel = "DURATION",
            description = "Expire a flow as old as this, however busy (default: never).")
    private @Nullable Duration maxLifetime;

    @Option(
            names = "--max-flows",
            paramLabel = "NUMBER",
            description = "Know at most so many flows (default: as many as the file descriptors allow).")
    private @Nullable Integer maxFlows;

    @Option(
            names = "--when-full",
            paramLabel = "expire|ignore",
            description =
                    "With --max-flows flows known, expire the least recently active one for a new one, or leave its"
                            + " SYN unanswered (default: expire).")
    private @Nullable WhenFull whenFull;

    @Option(
            names = "--only-clients",
            paramLabel = "CIDR",
            split = ",",
            description = "Let all this happen to clients of these addresses alone, such as 10.1.0.0/16,::1; others are"
                    + " relayed and no more (default: all clients).")
    private @Nullable List<Cidr> onlyClients;

    @Option(
            names = "--tombstone-time",
            paramLabel = "DURATION",
            description = "Keep an expired flow's sockets for so long after its last discarded segment, so that nothing"
                    + " is sent to a peer that still retransmits (default: 15m).")
    private @Nullable Duration tombstoneTime;

    @Option(
            names = "--max-tombstones",
            paramLabel = "NUMBER",
            description = "Keep at most so many expired flows; the oldest go first (default: 10000).")
    private @Nullable Integer maxTombstones;

    /** @throws blackhole.middlebox.config.UsageException when a value is out of range */
    MiddleboxConfig over(MiddleboxConfig profile) {
        return profile.with(this::apply);
    }

    private MiddleboxConfigBuilder apply(MiddleboxConfigBuilder box) {
        if (idleTimeout != null) {
            box.idleTimeout(idleTimeout);
        }
        if (keepaliveRefreshes != null) {
            box.keepaliveRefreshes(keepaliveRefreshes);
        }
        if (onExpiry != null) {
            box.onExpiry(onExpiry);
        }
        if (direction != null) {
            box.direction(direction);
        }
        if (maxLifetime != null) {
            box.maxLifetime(maxLifetime);
        }
        if (maxFlows != null) {
            box.maxFlows(maxFlows);
        }
        if (whenFull != null) {
            box.whenFull(whenFull);
        }
        if (onlyClients != null) {
            box.onlyClients(onlyClients);
        }
        if (tombstoneTime != null) {
            box.tombstoneTime(tombstoneTime);
        }
        if (maxTombstones != null) {
            box.maxTombstones(maxTombstones);
        }
        return box;
    }
}
