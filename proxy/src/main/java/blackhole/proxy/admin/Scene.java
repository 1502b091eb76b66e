package blackhole.proxy.admin;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a reader of events starts from.
 *
 * @param at what the clock says
 * @param middlebox the settings, as JSON shows them
 * @param replay how a recording is played; null for a proxy that runs
 */
record Scene(
        Instant at,
        boolean dark,
        Object middlebox,
        @Nullable Playing replay) {
    /** @param speed 1 as it happened; 0 once the end is reached */
    record Playing(double speed) {}
}
