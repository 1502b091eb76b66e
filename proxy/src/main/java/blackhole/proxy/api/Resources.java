package blackhole.proxy.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.MultiMap;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the HTTP API serves: a running proxy, or a recording, which can't be changed and has neither health nor metrics.
 * Results are written as JSON. Called on worker threads unless noted otherwise.
 */
public interface Resources {
    /** A command for flows. */
    enum Action {
        EXPIRE,
        HEAL,
        RESET
    }

    /**
     * The state in which an event stream starts.
     *
     * @param middlebox the settings, in their JSON form
     * @param replay null for a running proxy
     */
    record Snapshot(
            Instant at,
            boolean outage,
            Object middlebox,
            @Nullable Playback replay) {}

    /** @param speed 1 for real time; 0 once the recording has ended */
    record Playback(double speed) {}

    /** Called on the server's event loop. */
    Snapshot snapshot();

    Object routes();

    Object flows(MultiMap query);

    Object flow(long id);

    Object middlebox();

    Object outage();

    default Object act(Action action, FlowSelector flows) {
        throw readOnly();
    }

    default Object label(FlowSelector flows, ObjectNode body) {
        throw readOnly();
    }

    default Object patchMiddlebox(ObjectNode body) {
        throw readOnly();
    }

    default Object putOutage(ObjectNode body) {
        throw readOnly();
    }

    default Health.Report health() {
        throw Problem.of(404, "a recording has no health");
    }

    /** @param accept the scraper's {@code Accept} header */
    default Scrape metrics(String accept) {
        throw Problem.of(404, "a recording has no metrics");
    }

    /** Metrics in a text format. */
    record Scrape(String mediaType, String text) {}

    /** Plays a recording again from its start. Called on the server's event loop. */
    default void restart() {
        throw Problem.of(404, "this is not a recording");
    }

    private static Problem readOnly() {
        return Problem.of(409, "this is a recording; nothing can be changed");
    }
}
