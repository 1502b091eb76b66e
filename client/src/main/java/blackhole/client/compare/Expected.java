package blackhole.client.compare;

import blackhole.client.scenario.Verdict;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * The verdict that a variant should have.
 *
 * @param verdict null if any verdict will do
 * @param because the reason; a clause that can follow "because"
 */
public record Expected(
        @JsonProperty("expected") @Nullable Verdict verdict,
        @JsonProperty("expectedBecause") String because) {

    /** Returns text such as {@code expected STALLED, because nothing keeps the flow alive}. */
    @Override
    public String toString() {
        return "expected " + (verdict == null ? "any verdict" : verdict.name()) + ", because " + because;
    }
}
