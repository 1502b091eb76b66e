package blackhole.client.compare;

import blackhole.client.report.RunRecord;
import java.util.Optional;

/**
 * A variant of a comparison and what became of it: either a run, or why there is none.
 *
 * @param name of the variant
 * @param about what it changes, in a few words
 * @param expected the verdict that it should have
 * @param run what happened; empty if it could not be played
 * @param failure why it could not be played; empty if it was
 */
public record NamedRun(
        String name, String about, Expected expected, Optional<RunRecord> run, Optional<String> failure) {

    /** The same with another view of its run. */
    public NamedRun with(RunRecord other) {
        return new NamedRun(name, about, expected, Optional.of(other), failure);
    }

    /** Whether it was played, and has the expected verdict if there is one. */
    public boolean asExpected() {
        return run.isPresent()
                && expected.verdict()
                        .map(verdict -> verdict == run.get().report().verdict())
                        .orElse(true);
    }
}
