package blackhole.client.compare;

import blackhole.client.report.RunRecord;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import org.jspecify.annotations.Nullable;

/**
 * The result of a variant: either a run, or the reason why there is none.
 *
 * @param name of the variant
 * @param about what it changes, in a few words
 * @param expected the verdict that it should have
 * @param run what happened; null if it failed to run
 * @param failure why it failed to run; null otherwise
 */
public record NamedRun(
        String name,
        @JsonIgnore String about,
        @JsonUnwrapped Expected expected,
        @Nullable RunRecord run,
        @Nullable String failure) {

    /** Returns the same result with another view of its run. */
    public NamedRun with(RunRecord other) {
        return new NamedRun(name, about, expected, other, failure);
    }

    /** Returns whether it ran and has the expected verdict, if there is one. */
    @JsonProperty
    public boolean isAsExpected() {
        return run != null
                && (expected.verdict() == null
                        || expected.verdict() == run.report().verdict());
    }
}
