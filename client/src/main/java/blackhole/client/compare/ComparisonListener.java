package blackhole.client.compare;

import blackhole.client.scenario.ScenarioListener;

/** Hears of a comparison's progress, on a thread for each variant. */
public interface ComparisonListener {

    /** Hears nothing. */
    ComparisonListener NONE = new ComparisonListener() {};

    /** A variant is about to be played; who is to hear of its progress. */
    default ScenarioListener listener(Variant variant) {
        return ScenarioListener.NONE;
    }

    /** A variant was played, or could not be. */
    default void done(Variant variant, NamedRun result) {}
}
