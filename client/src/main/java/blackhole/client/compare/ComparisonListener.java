package blackhole.client.compare;

import blackhole.client.scenario.ScenarioListener;

/** Receives a comparison's progress, on one thread for each variant. */
public interface ComparisonListener {

    /** Ignores everything. */
    ComparisonListener NONE = new ComparisonListener() {};

    /** Called before a variant is run; returns the listener for its progress. */
    default ScenarioListener listener(Variant variant) {
        return ScenarioListener.NONE;
    }

    /** Called when a variant has ended or failed to run. */
    default void done(Variant variant, NamedRun result) {}
}
