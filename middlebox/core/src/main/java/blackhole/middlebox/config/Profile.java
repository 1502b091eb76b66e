package blackhole.middlebox.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A box that people meet, by name.
 *
 * @param name as on the command line: lower-case letters, digits and hyphens
 * @param description what the box is and does, in a sentence; empty when its author gave none
 * @param source where that is written down
 * @param idleTimeouts what the real box's idle timeout can be set to; null where that is not known. The proxy's can be
 *     set to anything
 * @param middlebox how the proxy plays it
 */
public record Profile(
        String name,
        String description,
        String source,
        @Nullable Range idleTimeouts,
        MiddleboxConfig middlebox) {

    /** From the shortest to the longest, both included. */
    public record Range(Duration shortest, Duration longest) {
        /** @throws UsageException when the shortest is longer than the longest */
        public Range {
            if (shortest.compareTo(longest) > 0) {
                throw new UsageException(Durations.format(shortest) + " is longer than " + Durations.format(longest));
            }
        }

        /** Reads {@code 60s to 6000s}. */
        static Range parse(String text) {
            String[] ends = text.split(" to ", -1);
            if (ends.length != 2) {
                throw new UsageException("'" + text + "' is not a range such as 60s to 6000s");
            }
            return new Range(Durations.parse(ends[0].trim()), Durations.parse(ends[1].trim()));
        }

        boolean contains(Duration value) {
            return value.compareTo(shortest) >= 0 && value.compareTo(longest) <= 0;
        }

        @Override
        public String toString() {
            return Durations.format(shortest) + " to " + Durations.format(longest);
        }
    }
}
