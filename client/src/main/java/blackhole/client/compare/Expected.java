package blackhole.client.compare;

import blackhole.client.scenario.Verdict;
import java.util.Optional;

/**
 * The verdict that a run should have, found without looking at the one that it has.
 *
 * @param verdict empty if nothing can be expected
 * @param because why this one, or why none; a clause that can follow "because"
 */
public record Expected(Optional<Verdict> verdict, String because) {

    /** That verdict, because of that. */
    public static Expected of(Verdict verdict, String because) {
        return new Expected(Optional.of(verdict), because);
    }

    /** Any verdict will do, because of that. */
    public static Expected nothing(String because) {
        return new Expected(Optional.empty(), because);
    }

    /** As in {@code expected STALLED, because nothing keeps the flow}. */
    @Override
    public String toString() {
        return "expected " + verdict.map(Verdict::name).orElse("nothing") + ", because " + because;
    }
}
