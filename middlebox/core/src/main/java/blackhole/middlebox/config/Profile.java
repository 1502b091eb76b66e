package blackhole.middlebox.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a real middlebox.
 *
 * @param name as on the command line: lower-case letters, digits and hyphens
 * @param description what the middlebox is and does, in a sentence; empty if its author gave none
 * @param source where this is documented
 * @param idleTimeouts the idle timeouts that the real middlebox supports; null if unknown. It doesn't limit the proxy
 * @param config settings that reproduce the middlebox
 */
public record Profile(
        String name,
        String description,
        String source,
        @Nullable Range idleTimeouts,
        MiddleboxConfig config) {

    /** From the shortest to the longest, both included. */
    public record Range(Duration shortest, Duration longest) {
        /** @throws UsageException if the shortest is longer than the longest */
        public Range {
            if (shortest.compareTo(longest) > 0) {
                throw new UsageException(Durations.format(shortest) + " is longer than " + Durations.format(longest));
            }
        }

        /**
         * Reads {@code 60s to 6000s}.
         *
         * @throws UsageException if {@code text} is not a range of durations
         */
        public static Range parse(String text) {
            String[] ends = text.split(" to ", -1);
            if (ends.length != 2) {
                throw new UsageException("'" + text + "' is not a range such as 60s to 6000s");
            }
            return new Range(Durations.parse(ends[0].trim()), Durations.parse(ends[1].trim()));
        }

        public boolean contains(Duration value) {
            return value.compareTo(shortest) >= 0 && value.compareTo(longest) <= 0;
        }

        @Override
        public String toString() {
            return Durations.format(shortest) + " to " + Durations.format(longest);
        }
    }
}
