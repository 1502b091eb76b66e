package blackhole.proxy;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Changes the settings of a {@link Middlebox}, whose components say what each means. Not thread-safe. */
public final class MiddleboxBuilder {
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

    MiddleboxBuilder(Middlebox box) {
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

    /** Sets {@link Middlebox#idleTimeout()}. */
    public MiddleboxBuilder idleTimeout(Duration timeout) {
        idleTimeout = timeout;
        return this;
    }

    /** Sets {@link Middlebox#keepaliveRefreshes()}. */
    public MiddleboxBuilder keepaliveRefreshes(boolean refreshes) {
        keepaliveRefreshes = refreshes;
        return this;
    }

    /** Sets {@link Middlebox#onExpiry()}. */
    public MiddleboxBuilder onExpiry(OnExpiry behaviour) {
        onExpiry = behaviour;
        return this;
    }

    /** Sets {@link Middlebox#direction()}. */
    public MiddleboxBuilder direction(Direction silenced) {
        direction = silenced;
        return this;
    }

    /** Sets {@link Middlebox#maxLifetime()}. */
    public MiddleboxBuilder maxLifetime(@Nullable Duration lifetime) {
        maxLifetime = lifetime;
        return this;
    }

    /** Sets {@link Middlebox#maxFlows()}. */
    public MiddleboxBuilder maxFlows(@Nullable Integer number) {
        maxFlows = number;
        return this;
    }

    /** Sets {@link Middlebox#whenFull()}. */
    public MiddleboxBuilder whenFull(WhenFull behaviour) {
        whenFull = behaviour;
        return this;
    }

    /** Sets {@link Middlebox#onlyClients()}. */
    public MiddleboxBuilder onlyClients(List<Cidr> ranges) {
        onlyClients = ranges;
        return this;
    }

    /** Sets {@link Middlebox#tombstoneTime()}. */
    public MiddleboxBuilder tombstoneTime(Duration time) {
        tombstoneTime = time;
        return this;
    }

    /** Sets {@link Middlebox#maxTombstones()}. */
    public MiddleboxBuilder maxTombstones(int number) {
        maxTombstones = number;
        return this;
    }

    Middlebox build() {
        return new Middlebox(
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
