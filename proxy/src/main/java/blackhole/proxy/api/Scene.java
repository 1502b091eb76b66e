package blackhole.proxy.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a reader of events starts from.
 *
 * @param at what the clock says
 * @param middlebox the settings, as JSON shows them
 * @param replay how a recording is played; null for a proxy that runs
 */
public record Scene(
        Instant at,
        boolean outage,
        Object middlebox,
        @Nullable Playing replay) {
    /** @param speed 1 as it happened; 0 once the end is reached */
    public record Playing(double speed) {}
}
