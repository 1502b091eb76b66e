package blackhole.client.cli;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code 300s}, {@code 5m}, {@code 1500ms}, {@code 2h} or ISO-8601; and back. */
final class Durations implements ITypeConverter<Duration> {

    private static final Pattern WITH_UNIT = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h)");
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    @Override
    public Duration convert(String text) {
        return parse(text);
    }

    /** @throws TypeConversionException if the text is no duration; the message says how to write one */
    static Duration parse(String text) {
        String trimmed = text.trim().toLowerCase(Locale.ROOT);
        Matcher withUnit = WITH_UNIT.matcher(trimmed);
        if (withUnit.matches()) {
            long amount = Long.parseLong(withUnit.group(1));
            return switch (withUnit.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                default -> Duration.ofHours(amount);
            };
        }
        if (NUMBER.matcher(trimmed).matches()) {
            throw new TypeConversionException(
                    "'" + text + "' has no unit; write " + trimmed + "s or " + trimmed + "ms");
        }
        try {
            Duration duration = Duration.parse(trimmed);
            if (!duration.isNegative()) {
                return duration;
            }
        } catch (DateTimeParseException notIso) {
            // Said below.
        }
        throw new TypeConversionException("'" + text + "' is no duration; write 300s, 5m, 1500ms or PT5M");
    }

    /** For people, cut and not rounded: {@code 4ms}, {@code 2.6s}, {@code 5m}, {@code 5m7s}. */
    static String text(Duration duration) {
        long millis = duration.toMillis();
        if (millis < 1000) {
            return millis + "ms";
        }
        if (millis < 60_000) {
            return (millis / 1000 + (millis % 1000 < 100 ? "" : "." + millis % 1000 / 100)) + "s";
        }
        return duration.toMinutes() + "m" + (duration.toSecondsPart() == 0 ? "" : duration.toSecondsPart() + "s");
    }
}
