package blackhole.proxy.api;

import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.config.UsageException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A JSON merge patch (RFC 7396) of the middlebox's settings. */
public final class ConfigPatch {
    private final Map<Setting<?>, @Nullable String> changes = new HashMap<>();

    /** @throws Problem if a field is unknown or its value has the wrong type */
    public ConfigPatch(ObjectNode patch) {
        patch.properties().forEach(field -> {
            Setting<?> setting = Setting.ALL.stream()
                    .filter(candidate -> candidate.jsonName().equals(field.getKey()))
                    .findFirst()
                    .orElseThrow(() -> Problem.inField(field.getKey(), "is not a setting of the middlebox"));
            changes.put(setting, text(setting, field.getValue()));
        });
    }

    /** @throws Problem if a value is malformed, out of range or contradicts another setting */
    public MiddleboxConfig applyTo(MiddleboxConfig config) {
        try {
            return config.withText(changes);
        } catch (UsageException e) {
            throw problem(e);
        }
    }

    /** Converts a mistake in a setting, or settings that this machine doesn't support. */
    public static Problem problem(UsageException mistake) {
        return mistake.setting()
                .flatMap(Setting::named)
                .map(setting -> Problem.inField(setting.jsonName(), mistake.problem()))
                .orElseGet(() -> Problem.of(409, mistake.getMessage()));
    }

    /** Returns the value as it is written on the command line; null for the default. */
    private static @Nullable String text(Setting<?> setting, JsonNode value) {
        if (value.isNull() && setting.isOptional()) {
            return null;
        }
        String type = (String) Objects.requireNonNull(setting.type().schema().get("type"), "every SettingType has one");
        boolean isOfType =
                switch (type) {
                    case "boolean" -> value.isBoolean();
                    case "integer" -> value.isIntegralNumber() && value.canConvertToInt();
                    case "array" -> value.isArray() && value.valueStream().allMatch(JsonNode::isTextual);
                    default -> value.isTextual();
                };
        if (!isOfType) {
            String expected = type.equals("integer") ? "a 32-bit integer" : "a JSON " + type;
            throw wrongType(setting.jsonName(), expected + " (" + setting.type().range() + ")", value);
        }
        return value.isArray()
                ? value.valueStream().map(JsonNode::textValue).collect(Collectors.joining(","))
                : value.asText();
    }

    public static boolean parseBoolean(String field, @Nullable JsonNode value) {
        if (value == null || !value.isBoolean()) {
            throw wrongType(field, "true or false", value);
        }
        return value.booleanValue();
    }

    private static Problem wrongType(String field, String expected, @Nullable JsonNode value) {
        return Problem.inField(field, "must be " + expected + (value == null ? "" : ", not " + value));
    }
}
