package blackhole.client.compare;

import blackhole.client.report.RunRecord;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Optional;

/**
 * The result of a variant: either a run, or the reason why there is none.
 *
 * @param name of the variant
 * @param about what it changes, in a few words
 * @param expected the verdict that it should have
 * @param run what happened; empty if it failed to run
 * @param failure why it failed to run; empty otherwise
 */
public record NamedRun(
        String name,
        @JsonIgnore String about,
        @JsonUnwrapped Expected expected,
        Optional<RunRecord> run,
        Optional<String> failure) {

    /** Returns the same result with another view of its run. */
    public NamedRun with(RunRecord other) {
        return new NamedRun(name, about, expected, Optional.of(other), failure);
    }

    /** Returns whether it ran and has the expected verdict, if there is one. */
    @JsonProperty
    public boolean asExpected() {
        return run.isPresent()
                && expected.verdict()
                        .map(verdict -> verdict == run.get().report().verdict())
                        .orElse(true);
    }
}
