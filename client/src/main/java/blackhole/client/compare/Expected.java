package blackhole.client.compare;

import blackhole.client.scenario.Verdict;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Optional;

/**
 * The verdict that a variant should have.
 *
 * @param verdict empty if any verdict will do
 * @param because the reason; a clause that can follow "because"
 */
public record Expected(
        @JsonProperty("expected") Optional<Verdict> verdict,
        @JsonProperty("expectedBecause") String because) {

    /** Returns text such as {@code expected STALLED, because nothing keeps the flow alive}. */
    @Override
    public String toString() {
        return "expected " + verdict.map(Verdict::name).orElse("any verdict") + ", because " + because;
    }
}
