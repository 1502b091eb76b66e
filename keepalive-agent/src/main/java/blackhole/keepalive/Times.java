package blackhole.keepalive;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as text: {@code 300s}, {@code 5m}, {@code 1500ms}, {@code 2h}. */
public final class Times {

    private static final Pattern WITH_UNIT = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h)");
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    private static final Duration LONGEST = Duration.ofDays(365);

    private Times() {}

    /**
     * Reads a duration.
     *
     * @param text a whole number and its unit, or ISO-8601 such as {@code PT5M}
     * @throws IllegalArgumentException if the text is not a duration, or one of more than a year; the message says how to
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
                    "'" + text + "' has no unit; use " + trimmed + "s, " + trimmed + "ms or " + trimmed + "m");
        }
        try {
            Duration duration = Duration.parse(trimmed);
            if (!duration.isNegative()) {
                return duration;
            }
        } catch (DateTimeParseException notIso) {
            // Reported below.
        }
        throw new IllegalArgumentException(
                "'" + text + "' is not a valid duration; use a unit, such as 300s, 5m or 1500ms");
    }

    /** Returns the duration truncated for people: {@code 0.4ms}, {@code 4ms}, {@code 2.6s}, {@code 36s}, {@code 5m7s}. */
    public static String text(Duration time) {
        long millis = time.toMillis();
        if (millis < 10) {
            long tenths = time.toNanos() / 100_000 % 10;
            return millis + (tenths == 0 ? "" : "." + tenths) + "ms";
        }
        if (millis < 1000) {
            return millis + "ms";
        }
        if (millis < 60_000) {
            long tenths = millis % 1000 / 100;
            return millis / 1000 + (tenths == 0 ? "" : "." + tenths) + "s";
        }
        return time.toMinutes() + "m" + (time.toSecondsPart() == 0 ? "" : time.toSecondsPart() + "s");
    }

    /** Returns the exact duration in seconds or milliseconds, as socket options have it: {@code 7200s}, {@code 1500ms}. */
    static String exact(Duration time) {
        if (time.equals(time.truncatedTo(ChronoUnit.SECONDS))) {
            return time.toSeconds() + "s";
        }
        return time.equals(time.truncatedTo(ChronoUnit.MILLIS)) ? time.toMillis() + "ms" : time.toString();
    }
}
