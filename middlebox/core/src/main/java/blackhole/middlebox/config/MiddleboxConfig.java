package blackhole.middlebox.config;

import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The settings of a middlebox: a value for each {@link Setting}. Immutable. */
public final class MiddleboxConfig {
    /** Every setting at its default. */
    public static final MiddleboxConfig DEFAULT = new MiddleboxConfig(Map.of());

    /** The values that differ from the default; never null. */
    private final Map<Setting<?>, Object> values;

    private MiddleboxConfig(Map<Setting<?>, Object> values) {
        this.values = Map.copyOf(values);
        if (direction() != Direction.BOTH && onExpiry() != OnExpiry.DROP) {
            throw new UsageException(
                    Setting.DIRECTION.name(),
                    Names.of(direction()) + " requires on-expiry drop, not " + Names.of(onExpiry()));
        }
    }

    /** Returns the value of a setting. */
    @SuppressWarnings("unchecked") // Values enter only through put(), with their own setting.
    public <T extends @Nullable Object> T get(Setting<T> setting) {
        return (T) values.getOrDefault(setting, setting.defaultValue());
    }

    /**
     * Returns these settings with one changed.
     *
     * @throws UsageException if the value is out of range or contradicts another setting
     */
    public <T extends @Nullable Object> MiddleboxConfig with(Setting<T> setting, T value) {
        Map<Setting<?>, Object> changed = new HashMap<>(values);
        put(changed, setting, value);
        return new MiddleboxConfig(changed);
    }

    /**
     * Returns these settings with some changed at once, the values written as on the command line; null restores the
     * default.
     *
     * @throws UsageException if a value is malformed, out of range or contradicts another setting
     */
    public MiddleboxConfig withText(Map<Setting<?>, @Nullable String> texts) {
        Map<Setting<?>, Object> changed = new HashMap<>(values);
        texts.forEach((setting, text) -> putText(changed, setting, text));
        return new MiddleboxConfig(changed);
    }

    private static <T> void putText(Map<Setting<?>, Object> values, Setting<T> setting, @Nullable String text) {
        put(values, setting, text == null ? setting.defaultValue() : setting.parse(text));
    }

    private static <T> void put(Map<Setting<?>, Object> values, Setting<T> setting, T value) {
        if (Objects.equals(setting.requireAllowed(value), setting.defaultValue())) {
            values.remove(setting);
        } else {
            values.put(setting, value);
        }
    }

    public Duration idleTimeout() {
        return get(Setting.IDLE_TIMEOUT);
    }

    public boolean keepaliveRefreshes() {
        return get(Setting.KEEPALIVE_REFRESHES);
    }

    public OnExpiry onExpiry() {
        return get(Setting.ON_EXPIRY);
    }

    public Direction direction() {
        return get(Setting.DIRECTION);
    }

    /** Null if the age of flows is not limited. */
    public @Nullable Duration maxLifetime() {
        return get(Setting.MAX_LIFETIME);
    }

    /** Null if only the file descriptors limit the number of flows. */
    public @Nullable Integer maxFlows() {
        return get(Setting.MAX_FLOWS);
    }

    public WhenFull whenFull() {
        return get(Setting.WHEN_FULL);
    }

    /** Empty if the faults apply to all clients. */
    public List<Cidr> onlyClients() {
        return get(Setting.ONLY_CLIENTS);
    }

    public Duration tombstoneTime() {
        return get(Setting.TOMBSTONE_TIME);
    }

    public int maxTombstones() {
        return get(Setting.MAX_TOMBSTONES);
    }

    /** Returns whether the faults apply to this client. */
    public boolean appliesTo(InetAddress client) {
        return onlyClients().isEmpty() || onlyClients().stream().anyMatch(range -> range.contains(client));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MiddleboxConfig config && values.equals(config.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return Setting.ALL.stream()
                .map(setting -> setting + " " + text(setting))
                .collect(Collectors.joining(", "));
    }

    /** Returns the value of a setting as a user writes it, or what its absence means. */
    public <T> String text(Setting<T> setting) {
        T value = get(setting);
        return Objects.equals(value, setting.defaultValue()) ? setting.defaultText() : setting.format(value);
    }
}
