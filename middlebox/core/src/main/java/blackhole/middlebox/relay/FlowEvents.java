package blackhole.middlebox.relay;

import blackhole.middlebox.codec.FlowCodec;
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
    private final ProxyServer server;
    private final Legs legs;
    private final @Nullable FlowCodec codec;
    private boolean opened;

    FlowEvents(long flowId, ProxyServer server, Legs legs, @Nullable FlowCodec codec) {
        this.flowId = flowId;
        this.server = server;
        this.legs = legs;
        this.codec = codec;
    }

    /** Returns what the flow is, as its codec knows. */
    @Nullable
    String description() {
        return codec == null ? null : codec.description();
    }

    /** Emits once: a flow that was accepted during an outage gets its upstream later. */
    void opened() {
        if (!opened) {
            opened = true;
            LegChannel upstream = legs.upstream();
            server.emit(new FlowOpened(
                    flowId,
                    Instant.now(),
                    legs.client.channel.remoteAddress(),
                    legs.client.channel.localAddress(),
                    upstream == null ? null : upstream.channel.remoteAddress(),
                    description()));
        }
    }

    void unreachable(Endpoint endpoint, String reason) {
        server.emit(
                new UpstreamUnreachable(flowId, Instant.now(), legs.client.channel.remoteAddress(), endpoint, reason));
    }

    void expired(ExpiryCause cause, Duration idle, OnExpiry onExpiry) {
        server.emit(new FlowExpired(flowId, Instant.now(), cause, idle, onExpiry, description()));
    }

    void discarded(Leg from, long number, Duration sinceExpiry, @Nullable Duration gap) {
        server.emit(new SegmentDiscarded(flowId, Instant.now(), from, number, sinceExpiry, gap));
    }

    void resetSent(Leg to) {
        server.emit(new ResetSent(flowId, Instant.now(), to));
    }

    void healed(Duration afterExpiry) {
        server.emit(new FlowHealed(flowId, Instant.now(), afterExpiry));
    }

    /** Emits nothing for a flow that never opened. */
    void closed(ClosedBy by, CloseReason how, Duration age) {
        if (opened) {
            server.emit(new FlowClosed(
                    flowId, Instant.now(), by, how, age, legs.client.bytesReceived(), legs.bytesFromUpstream()));
        }
    }
}
