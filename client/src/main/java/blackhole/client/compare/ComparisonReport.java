package blackhole.client.compare;

import java.time.Duration;
import java.util.List;

/**
 * What became of the variants.
 *
 * @param variants in the order in which they were given
 * @param elapsed for all of them together, which is about what the slowest took
 */
public record ComparisonReport(List<NamedRun> variants, Duration elapsed) {

    public ComparisonReport {
        variants = List.copyOf(variants);
    }

    /** Whether every variant was played and has the verdict that was expected of it. */
    public boolean asExpected() {
        return variants.stream().allMatch(NamedRun::asExpected);
    }
}
