package blackhole.testcontainers;

import java.time.Instant;

/**
 * What happened to a flow.
 *
 * @param flowId the flow's id, as in {@link ContainerFlow#id()}
 * @param type as in the HTTP API: {@code flow-opened}, {@code flow-expired}, {@code segment-discarded} …
 * @param at by the container's clock
 */
public record ContainerEvent(long flowId, String type, Instant at) {}
