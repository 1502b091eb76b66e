package blackhole.client.evidence;

import java.time.Duration;
import java.util.Locale;

/** Times for people, and the longer of two. */
public final class Times {

    private Times() {}

    /** Cut and not rounded: {@code 0.4ms}, {@code 4ms}, {@code 2.6s}, {@code 36s}, {@code 5m7s}. */
    public static String text(Duration time) {
        long millis = time.toMillis();
        if (millis < 10) {
            double exact = time.toNanos() / 1e6;
            return exact == millis ? millis + "ms" : String.format(Locale.ROOT, "%.1fms", Math.floor(exact * 10) / 10);
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

    /** The longer of the two. */
    public static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    /** The shorter of the two. */
    public static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }
}
