package blackhole.keepalive;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as users of this client and of the agent write them: {@code 300s}, {@code 5m}, {@code 1500ms}, {@code 2h}. */
public final class TimeText {

    private static final Pattern WITH_UNIT = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h)");
    /** Longer than anyone waits, and short enough for any unit. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private static final Pattern NUMBER = Pattern.compile("\\d+");

    private TimeText() {}

    /**
     * @param text a whole number and its unit, or ISO-8601 such as {@code PT5M}
     * @throws IllegalArgumentException if the text is no duration, or one of more than a year; the message says how to
     *     write one
     */
    public static Duration parse(String text) {
        Duration duration = read(text);
        if (duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("'" + text + "' is too long; at most " + LONGEST.toHours() + "h");
        }
        return duration;
    }

    private static Duration read(String text) {
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
            throw new IllegalArgumentException(
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
        throw new IllegalArgumentException("'" + text + "' is no duration; write 300s, 5m, 1500ms or PT5M");
    }
}
