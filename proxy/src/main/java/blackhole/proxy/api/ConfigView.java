package blackhole.proxy.api;

import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Setting;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A {@link MiddleboxConfig} in JSON, with a field for each {@link Setting}.
 *
 * @param fields strings as on the command line, booleans, integers, lists of strings, or null
 */
public record ConfigView(@JsonValue Map<String, @Nullable Object> fields) {
    public static ConfigView of(MiddleboxConfig config) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        Setting.ALL.forEach(setting -> fields.put(setting.jsonName(), value(config, setting)));
        return new ConfigView(fields);
    }

    /** @throws Problem if a field is not a setting or its value is invalid; settings that are missing have their default */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static ConfigView parse(ObjectNode fields) {
        return of(new ConfigPatch(fields).applyTo(MiddleboxConfig.DEFAULT));
    }

    private static <T> @Nullable Object value(MiddleboxConfig config, Setting<T> setting) {
        T value = config.get(setting);
        if (value == null || value instanceof Boolean || value instanceof Integer) {
            return value;
        }
        return value instanceof List<?> list
                ? list.stream().map(Object::toString).toList()
                : setting.format(value);
    }
}
