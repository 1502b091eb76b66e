package blackhole.client.cli;

import blackhole.keepalive.TimeText;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code 300s}, {@code 5m}, {@code 1500ms}, {@code 2h} or ISO-8601; and back. */
final class Durations implements ITypeConverter<Duration> {

    @Override
    public Duration convert(String text) {
        return parse(text);
    }

    /** @throws TypeConversionException if the text is no duration; the message says how to write one */
    static Duration parse(String text) {
        try {
            return TimeText.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
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
