package blackhole.proxy.admin;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A client named its flow; an event in the stream. */
record FlowLabelled(long flowId, Instant at, @Nullable String label) {}
