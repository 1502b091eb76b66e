package blackhole.middlebox.config;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as a user writes and reads them: {@code 1500ms}, {@code 300s}, {@code 5m}, {@code 2h}, or ISO-8601. */
public final class Durations {
    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,12})(ms|s|m|h)");

    private static final Duration LONGEST_IN_MILLIS = Duration.ofMillis(Long.MAX_VALUE);

    private Durations() {}

    /** @throws UsageException when {@code text} is no duration, has no unit, or is negative */
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
            throw new UsageException("'" + text + "' has no unit; write " + text + "s or " + text + "ms");
        }
        try {
            Duration duration = Duration.parse(text);
            if (!duration.isNegative()) {
                return duration;
            }
        } catch (DateTimeParseException e) {
            // Falls through to the message that shows what would be right.
        }
        throw new UsageException("'" + text + "' is not a duration; write 1500ms, 300s, 5m, 2h or PT5M");
    }

    /** The shortest form that {@link #parse} reads back to the same duration, down to the millisecond. */
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

    /** Seconds for a reader, to the millisecond: {@code 3.012 s}. */
    public static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.3f s", duration.toNanos() / 1e9);
    }
}
