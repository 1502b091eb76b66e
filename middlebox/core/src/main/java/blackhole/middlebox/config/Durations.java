package blackhole.middlebox.config;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as users write them: {@code 1500ms}, {@code 300s}, {@code 5m}, {@code 2h}, or ISO-8601. */
public final class Durations {
    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,12})(ms|s|m|h)");

    private static final Duration LONGEST_IN_MILLIS = Duration.ofMillis(Long.MAX_VALUE);

    private Durations() {}

    /** @throws UsageException if {@code text} is not a duration, has no unit or is negative */
    public static Duration parse(String text) {
        Matcher matcher = NUMBER_AND_UNIT.matcher(text);
        if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                default -> Duration.ofHours(number);
            };
        }
        if (text.matches("\\d+(\\.\\d+)?")) {
            throw new UsageException("'%1$s' has no unit; use %1$ss, %1$sms or %1$sm".formatted(text));
        }
        try {
            Duration duration = Duration.parse(text);
            if (!duration.isNegative()) {
                return duration;
            }
        } catch (DateTimeParseException e) {
            // Reported below, with examples.
        }
        throw new UsageException("'" + text + "' is not a valid duration; use a unit, such as 300s or 5m");
    }

    /** Returns the shortest text that {@link #parse} reads back as the same duration, to the millisecond. */
    public static String format(Duration duration) {
        if (duration.compareTo(LONGEST_IN_MILLIS) > 0) {
            return duration.toString();
        }
        long millis = duration.toMillis();
        if (millis == 0 || millis % 1_000 != 0) {
            return millis + "ms";
        }
        if (millis % 60_000 != 0) {
            return millis / 1_000 + "s";
        }
        return millis % 3_600_000 != 0 ? millis / 60_000 + "m" : millis / 3_600_000 + "h";
    }

    /** Returns seconds to the millisecond: {@code 3.012 s}. */
    public static String seconds(Duration duration) {
        // Not String.format: two log lines are written for each flow.
        long millis = (duration.toNanos() + 500_000) / 1_000_000;
        long fraction = 1_000 + millis % 1_000;
        return millis / 1_000 + "." + Long.toString(fraction).substring(1) + " s";
    }
}
