package blackhole.client.evidence;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A step of the scenario.
 *
 * @param kind of step
 * @param round from 1
 * @param partition the probe's; null for other steps
 * @param from since the run began
 * @param to since the run began
 */
public record Phase(Kind kind, int round, @Nullable Integer partition, Duration from, Duration to) {

    /** The steps. */
    public enum Kind {
        BURST,
        IDLE,
        PROBE
    }

    /** Returns whether the time since the start of the run is in this phase; both ends are inclusive. */
    public boolean contains(Duration at) {
        return at.compareTo(from) >= 0 && at.compareTo(to) <= 0;
    }
}
