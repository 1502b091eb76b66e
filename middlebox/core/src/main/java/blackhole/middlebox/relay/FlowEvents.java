package blackhole.middlebox.relay;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.FlowEvent.ClosedBy;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.FlowHealed;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.middlebox.flow.FlowEvent.ResetSent;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import blackhole.middlebox.flow.FlowEvent.UpstreamUnreachable;
import blackhole.middlebox.flow.Leg;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Emits the events of one flow. Belongs to the flow's event loop. */
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

    /** Emits once: a flow that was accepted during an outage gets its upstream later. */
    void opened() {
        if (!opened) {
            opened = true;
            LegChannel upstream = legs.upstream();
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

    /** Emits nothing for a flow that never opened. */
    void closed(ClosedBy by, CloseReason how, Duration age) {
        if (opened) {
            table.emit(new FlowClosed(
                    flowId, Instant.now(), by, how, age, legs.client.bytesReceived(), legs.bytesFromUpstream()));
        }
    }
}
