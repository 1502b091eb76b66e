package blackhole.proxy.api;

import blackhole.middlebox.config.Cidr;
import blackhole.middlebox.config.Direction;
import blackhole.middlebox.config.Durations;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.MiddleboxConfigBuilder;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.UsageException;
import blackhole.middlebox.config.WhenFull;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A JSON merge patch (RFC 7396) of the middlebox's settings. */
public final class ConfigPatch {
    private final ObjectNode patch;

    public ConfigPatch(ObjectNode patch) {
        this.patch = patch;
    }

    /** @throws Problem when a field is unknown, or its value of the wrong type or out of range */
    public MiddleboxConfig applyTo(MiddleboxConfig box) {
        try {
            return box.with(this::set);
        } catch (UsageException e) {
            throw problem(e);
        }
    }

    /** What is wrong with a setting, or with all of them together on this machine. */
    public static Problem problem(UsageException mistake) {
        return mistake.setting()
                .map(option -> Problem.inField(
                        JsonNames.fieldOfOption(option), mistake.getMessage().substring(option.length() + 1)))
                .orElseGet(() -> Problem.of(409, mistake.getMessage()));
    }

    private MiddleboxConfigBuilder set(MiddleboxConfigBuilder box) {
        for (Map.Entry<String, JsonNode> setting : patch.properties()) {
            set(box, setting.getKey(), setting.getValue());
        }
        return box;
    }

    private static void set(MiddleboxConfigBuilder box, String field, JsonNode value) {
        switch (field) {
            case "idleTimeout" -> box.idleTimeout(duration(field, value));
            case "keepaliveRefreshes" -> box.keepaliveRefreshes(bool(field, value));
            case "onExpiry" -> box.onExpiry(JsonNames.parse(OnExpiry.class, field, text(field, value)));
            case "direction" -> box.direction(JsonNames.parse(Direction.class, field, text(field, value)));
            case "maxLifetime" -> box.maxLifetime(value.isNull() ? null : duration(field, value));
            case "maxFlows" -> box.maxFlows(value.isNull() ? null : number(field, value));
            case "whenFull" -> box.whenFull(JsonNames.parse(WhenFull.class, field, text(field, value)));
            case "onlyClients" -> box.onlyClients(value.isNull() ? List.of() : ranges(field, value));
            case "tombstoneTime" -> box.tombstoneTime(duration(field, value));
            case "maxTombstones" -> box.maxTombstones(number(field, value));
            default -> throw Problem.inField(field, "is not a setting of the middlebox");
        }
    }

    private static Duration duration(String field, JsonNode value) {
        if (!value.isTextual()) {
            throw wrongType(field, "a duration in a string such as \"300s\"", value);
        }
        return parsed(field, value.textValue(), Durations::parse);
    }

    public static boolean bool(String field, @Nullable JsonNode value) {
        if (value == null || !value.isBoolean()) {
            throw wrongType(field, "true or false", value);
        }
        return value.booleanValue();
    }

    private static int number(String field, JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw wrongType(field, "a whole number up to " + Integer.MAX_VALUE, value);
        }
        return value.intValue();
    }

    private static String text(String field, JsonNode value) {
        if (!value.isTextual()) {
            throw wrongType(field, "a string", value);
        }
        return value.textValue();
    }

    private static List<Cidr> ranges(String field, JsonNode value) {
        if (!value.isArray()) {
            throw wrongType(field, "an array of addresses and ranges", value);
        }
        List<Cidr> ranges = new ArrayList<>();
        for (JsonNode range : value) {
            ranges.add(parsed(field, text(field, range), Cidr::parse));
        }
        return ranges;
    }

    private static <T> T parsed(String field, String text, Function<String, T> parse) {
        try {
            return parse.apply(text);
        } catch (UsageException e) {
            throw Problem.inField(field, "is wrong: " + e.getMessage());
        }
    }

    private static Problem wrongType(String field, String wanted, @Nullable JsonNode value) {
        return Problem.inField(field, "must be " + wanted + (value == null ? "" : ", not " + value));
    }
}
