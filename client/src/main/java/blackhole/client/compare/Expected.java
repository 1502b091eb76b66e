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

    /** Returns an expectation of this verdict. */
    public static Expected of(Verdict verdict, String because) {
        return new Expected(Optional.of(verdict), because);
    }

    /** Returns an expectation that any verdict meets. */
    public static Expected any(String because) {
        return new Expected(Optional.empty(), because);
    }

    /** Returns text such as {@code expected STALLED, because nothing keeps the flow alive}. */
    @Override
    public String toString() {
        return "expected " + verdict.map(Verdict::name).orElse("any verdict") + ", because " + because;
    }
}
