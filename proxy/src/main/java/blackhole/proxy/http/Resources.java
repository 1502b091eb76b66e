package blackhole.proxy.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.MultiMap;

/**
 * What the resources under {@code /api/v1} answer: of a proxy that runs, or of a recording. Called on worker threads.
 * What can't be answered is thrown as a {@link Problem}.
 */
public interface Resources {
    /** What is done to flows. */
    enum Action {
        EXPIRE,
        HEAL,
        RESET
    }

    Object routes();

    Object flows(MultiMap query);

    Object flow(String id);

    Object toFlow(Action action, String id);

    /** @param query names the client */
    Object toFlowsOf(Action action, MultiMap query);

    Object labelFlow(String id, ObjectNode body);

    /** @param query names the client */
    Object labelFlowsOf(MultiMap query, ObjectNode body);

    Object middlebox();

    Object patchMiddlebox(ObjectNode body);

    Object outage();

    Object putOutage(ObjectNode body);
}
