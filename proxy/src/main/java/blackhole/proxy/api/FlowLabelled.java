package blackhole.proxy.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A client named its flow; an event in the stream. */
public record FlowLabelled(
        long flowId, Instant at, @Nullable String label) {}
