package blackhole.middlebox.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Changes the settings of a {@link MiddleboxConfig}, whose components say what each means. Not thread-safe. */
public final class MiddleboxConfigBuilder {
    private Duration idleTimeout;
    private boolean keepaliveRefreshes;
    private OnExpiry onExpiry;
    private Direction direction;
    private @Nullable Duration maxLifetime;
    private @Nullable Integer maxFlows;
    private WhenFull whenFull;
    private List<Cidr> onlyClients;
    private Duration tombstoneTime;
    private int maxTombstones;

    MiddleboxConfigBuilder(MiddleboxConfig box) {
        idleTimeout = box.idleTimeout();
        keepaliveRefreshes = box.keepaliveRefreshes();
        onExpiry = box.onExpiry();
        direction = box.direction();
        maxLifetime = box.maxLifetime();
        maxFlows = box.maxFlows();
        whenFull = box.whenFull();
        onlyClients = box.onlyClients();
        tombstoneTime = box.tombstoneTime();
        maxTombstones = box.maxTombstones();
    }

    /** Sets {@link MiddleboxConfig#idleTimeout()}. */
    public MiddleboxConfigBuilder idleTimeout(Duration timeout) {
        idleTimeout = timeout;
        return this;
    }

    /** Sets {@link MiddleboxConfig#keepaliveRefreshes()}. */
    public MiddleboxConfigBuilder keepaliveRefreshes(boolean refreshes) {
        keepaliveRefreshes = refreshes;
        return this;
    }

    /** Sets {@link MiddleboxConfig#onExpiry()}. */
    public MiddleboxConfigBuilder onExpiry(OnExpiry behaviour) {
        onExpiry = behaviour;
        return this;
    }

    /** Sets {@link MiddleboxConfig#direction()}. */
    public MiddleboxConfigBuilder direction(Direction silenced) {
        direction = silenced;
        return this;
    }

    /** Sets {@link MiddleboxConfig#maxLifetime()}. */
    public MiddleboxConfigBuilder maxLifetime(@Nullable Duration lifetime) {
        maxLifetime = lifetime;
        return this;
    }

    /** Sets {@link MiddleboxConfig#maxFlows()}. */
    public MiddleboxConfigBuilder maxFlows(@Nullable Integer number) {
        maxFlows = number;
        return this;
    }

    /** Sets {@link MiddleboxConfig#whenFull()}. */
    public MiddleboxConfigBuilder whenFull(WhenFull behaviour) {
        whenFull = behaviour;
        return this;
    }

    /** Sets {@link MiddleboxConfig#onlyClients()}. */
    public MiddleboxConfigBuilder onlyClients(List<Cidr> ranges) {
        onlyClients = ranges;
        return this;
    }

    /** Sets {@link MiddleboxConfig#tombstoneTime()}. */
    public MiddleboxConfigBuilder tombstoneTime(Duration time) {
        tombstoneTime = time;
        return this;
    }

    /** Sets {@link MiddleboxConfig#maxTombstones()}. */
    public MiddleboxConfigBuilder maxTombstones(int number) {
        maxTombstones = number;
        return this;
    }

    MiddleboxConfig build() {
        return new MiddleboxConfig(
                idleTimeout,
                keepaliveRefreshes,
                onExpiry,
                direction,
                maxLifetime,
                maxFlows,
                whenFull,
                onlyClients,
                tombstoneTime,
                maxTombstones);
    }
}
