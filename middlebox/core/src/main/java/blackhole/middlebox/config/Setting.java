package blackhole.middlebox.config;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A setting of the middlebox. The constants are its only declaration: command line, HTTP API, OpenAPI document and profile
 * files are derived from {@link #ALL}, and the table in {@code docs/settings.md} is checked against it. Immutable.
 *
 * @param <T> the type of the value
 */
public final class Setting<T extends @Nullable Object> {
    private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(10);
    public static final Setting<Duration> IDLE_TIMEOUT = setting(
            "idle-timeout",
            SettingType.duration(SHORTEST_TIMEOUT),
            Duration.ofMinutes(5),
            "Expire a flow when neither side has sent a segment for this long");

    public static final Setting<Boolean> KEEPALIVE_REFRESHES = setting(
            "keepalive-refreshes",
            SettingType.bool(),
            true,
            "Count keepalive probes and acknowledgements as activity; false for devices that terminate TCP and count bytes"
                    + " only");

    public static final Setting<OnExpiry> ON_EXPIRY = setting(
            "on-expiry",
            SettingType.choice(OnExpiry.class),
            OnExpiry.DROP,
            "Choose how to treat the packets of an expired flow",
            "drop: discard them unacknowledged, without FIN or RST.",
            "reset-sender: discard the next packet of each side and send RST to that side.",
            "reset-client: discard the next packet of either side and send RST to the client.",
            "reset-both: send RST to both sides at expiry.",
            "close-both: send FIN to both sides at expiry.",
            "stall: only stop reading, while the kernel still acknowledges. No NAT does this, but it works outside Linux.");

    public static final Setting<Direction> DIRECTION = setting(
            "direction",
            SettingType.choice(Direction.class),
            Direction.BOTH,
            "Drop these packets of an expired flow; a single direction requires on-expiry drop");

    @SuppressWarnings("NullAway") // Takes every T as non-null outside its JSpecify mode, which needs JDK 22+.
    public static final Setting<@Nullable Duration> MAX_LIFETIME = optional(
            "max-lifetime",
            SettingType.duration(SHORTEST_TIMEOUT),
            null,
            "never",
            "Expire a flow at this age, however busy it is");

    @SuppressWarnings("NullAway") // Takes every T as non-null outside its JSpecify mode, which needs JDK 22+.
    public static final Setting<@Nullable Integer> MAX_FLOWS = optional(
            "max-flows",
            SettingType.number(1),
            null,
            "as many as the file descriptors allow",
            "Limit the number of tracked flows");

    public static final Setting<WhenFull> WHEN_FULL = setting(
            "when-full",
            SettingType.choice(WhenFull.class),
            WhenFull.EXPIRE_LONGEST_IDLE,
            "When max-flows is reached, expire the longest idle flow to admit a new one, or ignore the new one's SYN");

    public static final Setting<List<Cidr>> ONLY_CLIENTS = optional(
            "only-clients",
            SettingType.cidrs(),
            List.of(),
            "all clients",
            "Apply faults only to these clients; flows of other clients are just relayed");

    public static final Setting<Duration> TOMBSTONE_TIME = setting(
            "tombstone-time",
            SettingType.duration(Duration.ZERO),
            Duration.ofMinutes(15),
            "Keep the sockets of an expired flow for this long after its expiry or its last discarded segment, whichever is"
                    + " later, so that nothing is sent to a peer that still retransmits");

    public static final Setting<Integer> MAX_TOMBSTONES = setting(
            "max-tombstones",
            SettingType.number(0),
            10_000,
            "Limit the number of expired flows whose sockets are kept; the oldest are closed first");

    /** All settings, in the order in which they are documented. */
    public static final List<Setting<?>> ALL = List.of(
            IDLE_TIMEOUT,
            KEEPALIVE_REFRESHES,
            ON_EXPIRY,
            DIRECTION,
            MAX_LIFETIME,
            MAX_FLOWS,
            WHEN_FULL,
            ONLY_CLIENTS,
            TOMBSTONE_TIME,
            MAX_TOMBSTONES);

    private final String name;
    private final SettingType<T> type;
    private final T defaultValue;
    private final @Nullable String defaultText;
    private final List<String> description;

    private Setting(
            String name, SettingType<T> type, T defaultValue, @Nullable String defaultText, String... description) {
        this.name = name;
        this.type = type;
        this.defaultValue = defaultValue;
        this.defaultText = defaultText;
        this.description = List.of(description);
    }

    private static <T> Setting<T> setting(String name, SettingType<T> type, T defaultValue, String... description) {
        return new Setting<>(name, type, defaultValue, null, description);
    }

    private static <T> Setting<T> optional(
            String name, SettingType<T> type, T defaultValue, String defaultText, String description) {
        return new Setting<>(name, type, defaultValue, defaultText, description);
    }

    /** Returns the setting of this name, such as {@code idle-timeout}. */
    public static Optional<Setting<?>> named(String name) {
        return ALL.stream().filter(setting -> setting.name.equals(name)).findFirst();
    }

    /** The name of the command line option, without dashes, and of the field in profile files. */
    public String name() {
        return name;
    }

    /** The name of the JSON field: {@code idleTimeout} for {@code idle-timeout}. */
    public String jsonName() {
        return Pattern.compile("-(.)").matcher(name).replaceAll(match -> match.group(1)
                .toUpperCase(Locale.ROOT));
    }

    /** What the setting does, in one sentence without a full stop. */
    public String description() {
        return description.get(0);
    }

    /** The description with range and default; without the range if the label already says it. */
    public String summary() {
        String range = defaultValue instanceof Boolean ? "" : type.range() + "; ";
        return "%s (%sdefault: %s).".formatted(description(), range, defaultText());
    }

    /** Further lines of the description, such as one for each value; often none. */
    public List<String> details() {
        return description.subList(1, description.size());
    }

    /** How the values are read, written and limited. */
    public SettingType<T> type() {
        return type;
    }

    public T defaultValue() {
        return defaultValue;
    }

    /** The default as a user writes it, or what its absence means. */
    public String defaultText() {
        return defaultText != null ? defaultText : format(defaultValue);
    }

    /** Whether the setting may be absent, which JSON writes as null. */
    public boolean isOptional() {
        return defaultText != null;
    }

    /**
     * Reads a value as it is written on the command line.
     *
     * @throws UsageException if {@code text} is malformed or the value is out of range
     */
    public T parse(String text) {
        T value;
        try {
            value = type.parse().apply(text);
        } catch (UsageException e) {
            throw new UsageException(name, e.problem());
        }
        return requireAllowed(value);
    }

    /** Writes a value, which must not be null, so that {@link #parse} reads it back. */
    public String format(T value) {
        return type.format().apply(value);
    }

    /** @throws UsageException if the value is out of range */
    T requireAllowed(T value) {
        if (value == null ? !isOptional() : !type.isAllowed().test(value)) {
            throw new UsageException(
                    name, "must be " + type.range() + ", not " + (value == null ? "null" : format(value)));
        }
        return value;
    }

    @Override
    public String toString() {
        return name;
    }
}
