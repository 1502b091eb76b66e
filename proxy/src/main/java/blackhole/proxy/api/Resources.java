package blackhole.proxy.api;

import blackhole.middlebox.flow.BackgroundFailure;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.MultiMap;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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

    List<FlowView> table();

    /** Returns the first failure of a background task; null if none has failed. */
    default @Nullable BackgroundFailure failure() {
        return null;
    }

    default FlowQuery.Page flows(MultiMap query) {
        return new FlowQuery(query).page(table(), failure());
    }

    default FlowView flow(long id) {
        return table().stream()
                .filter(view -> view.flow().id() == id)
                .findFirst()
                .orElseThrow(() -> Problem.of(404, FlowSelector.byId(id).notFound()));
    }

    default Object middlebox() {
        return snapshot().middlebox();
    }

    default Object outage() {
        return Map.of("on", snapshot().outage());
    }

    default Object act(Action action, FlowSelector flows) {
        throw readOnly();
    }

    default Object label(FlowSelector flows, ObjectNode body) {
        throw readOnly();
    }

    /** @param client the address that the request came from */
    default Object patchMiddlebox(ObjectNode body, String client) {
        throw readOnly();
    }

    /** @param client the address that the request came from */
    default Object putOutage(ObjectNode body, String client) {
        throw readOnly();
    }

    default Health.Report health() {
        throw Problem.of(404, "a recording has no health");
    }

    /** @param mediaType as for {@link blackhole.proxy.metrics.Metrics#scrape} */
    default String metrics(String mediaType) {
        throw Problem.of(404, "a recording has no metrics");
    }

    /** Plays a recording again from its start. Called on the server's event loop. */
    default void restart() {
        throw Problem.of(404, "this is not a recording");
    }

    private static Problem readOnly() {
        return Problem.of(409, "this is a recording; nothing can be changed");
    }
}
