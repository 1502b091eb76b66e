package blackhole.middlebox.config;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * How the values of a {@link Setting} are read, written and limited.
 *
 * @param label a placeholder for the value, such as {@code DURATION}
 * @param range the allowed values, to follow "must be": {@code between 10ms and 8760h}
 * @param schema the JSON Schema keywords that describe the value; {@code type} is a single string
 * @param parse reads text as on the command line; throws {@link UsageException} if it is malformed
 * @param format writes text that {@code parse} reads back
 * @param isAllowed tells whether a value is in range
 */
public record SettingType<T>(
        String label,
        String range,
        Map<String, Object> schema,
        Function<String, T> parse,
        Function<T, String> format,
        Predicate<T> isAllowed) {
    private static final Duration LONGEST = Duration.ofDays(365);

    static SettingType<Duration> duration(Duration shortest) {
        return new SettingType<>(
                "DURATION",
                "between " + Durations.format(shortest) + " and " + Durations.format(LONGEST),
                Map.of("type", "string", "pattern", "^(\\d{1,12}(ms|s|m|h)|P.+)$"),
                Durations::parse,
                Durations::format,
                value -> value.compareTo(shortest) >= 0 && value.compareTo(LONGEST) <= 0);
    }

    static SettingType<Boolean> bool() {
        return new SettingType<>(
                "true|false",
                "true or false",
                Map.of("type", "boolean"),
                SettingType::parseBoolean,
                String::valueOf,
                value -> true);
    }

    static <E extends Enum<E>> SettingType<E> choice(Class<E> type) {
        return new SettingType<>(
                "VALUE",
                String.join(", ", Names.all(type)),
                Map.of("type", "string", "enum", Names.all(type)),
                text -> Names.parse(type, text),
                Names::of,
                value -> true);
    }

    static SettingType<Integer> number(int least) {
        return new SettingType<>(
                "N",
                least + " or more",
                Map.of("type", "integer", "minimum", least, "maximum", Integer.MAX_VALUE),
                SettingType::parseNumber,
                String::valueOf,
                value -> value >= least);
    }

    static SettingType<List<Cidr>> cidrs() {
        return new SettingType<>(
                "CIDR,...",
                "addresses or ranges such as 10.1.0.0/16,::1",
                Map.of("type", "array", "items", Map.of("type", "string")),
                text -> text.isEmpty()
                        ? List.of()
                        : Arrays.stream(text.split(",", -1)).map(Cidr::parse).toList(),
                ranges -> ranges.stream().map(Cidr::toString).collect(Collectors.joining(",")),
                value -> true);
    }

    private static boolean parseBoolean(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new UsageException("'" + text + "' is neither true nor false");
        };
    }

    private static int parseNumber(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new UsageException("'" + text + "' is not a whole number up to " + Integer.MAX_VALUE);
        }
    }
}
