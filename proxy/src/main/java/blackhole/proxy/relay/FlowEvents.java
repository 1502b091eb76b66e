package blackhole.proxy.relay;

import blackhole.proxy.Endpoint;
import blackhole.proxy.ExpiryCause;
import blackhole.proxy.FlowEvent.CloseReason;
import blackhole.proxy.FlowEvent.ClosedBy;
import blackhole.proxy.FlowEvent.FlowClosed;
import blackhole.proxy.FlowEvent.FlowExpired;
import blackhole.proxy.FlowEvent.FlowHealed;
import blackhole.proxy.FlowEvent.FlowOpened;
import blackhole.proxy.FlowEvent.ResetSent;
import blackhole.proxy.FlowEvent.SegmentDiscarded;
import blackhole.proxy.FlowEvent.UpstreamUnreachable;
import blackhole.proxy.Leg;
import blackhole.proxy.OnExpiry;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Tells the listeners what happens to one flow. Belongs to the flow's event loop. */
final class FlowEvents {
    private final long flowId;
    private final FlowTable table;
    private final Legs legs;
    private boolean opened;

    FlowEvents(long flowId, FlowTable table, Legs legs) {
        this.flowId = flowId;
        this.table = table;
        this.legs = legs;
    }

    /** Once in a flow's life: one that was accepted in the dark gets its upstream later. */
    void opened() {
        if (!opened) {
            opened = true;
            LegEnd upstream = legs.upstream();
            table.emit(new FlowOpened(
                    flowId,
                    Instant.now(),
                    legs.client.peer(),
                    legs.client.local(),
                    upstream == null ? null : upstream.peer()));
        }
    }

    void unreachable(Endpoint endpoint, Throwable cause) {
        String reason = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        table.emit(new UpstreamUnreachable(flowId, Instant.now(), legs.client.peer(), endpoint, reason));
    }

    void expired(ExpiryCause cause, Duration idle, OnExpiry onExpiry) {
        table.emit(new FlowExpired(flowId, Instant.now(), cause, idle, onExpiry));
    }

    void discarded(Leg from, long number, Duration sinceExpiry, @Nullable Duration gap) {
        table.emit(new SegmentDiscarded(flowId, Instant.now(), from, number, sinceExpiry, gap));
    }

    void resetSent(Leg to) {
        table.emit(new ResetSent(flowId, Instant.now(), to));
    }

    void healed(Duration afterExpiry) {
        table.emit(new FlowHealed(flowId, Instant.now(), afterExpiry));
    }

    /** Nothing is told of a flow that never was opened. */
    void closed(ClosedBy by, CloseReason how, Duration age) {
        if (opened) {
            table.emit(new FlowClosed(
                    flowId, Instant.now(), by, how, age, legs.client.bytesReceived(), legs.bytesFromUpstream()));
        }
    }
}
