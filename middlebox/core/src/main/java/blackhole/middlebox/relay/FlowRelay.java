package blackhole.middlebox.relay;

import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.FlowEvent.ClosedBy;
import blackhole.middlebox.flow.Leg;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** What passes between a flow's two legs: bytes, their backpressure, and FINs. Belongs to the flow's event loop. */
final class FlowRelay {
    private final FlowEntry flow;
    private final Legs legs;
    private @Nullable ClosedBy finishedFirst;

    FlowRelay(FlowEntry flow) {
        this.flow = flow;
        legs = flow.legs;
    }

    /** Takes ownership of the buffer. */
    void received(Leg leg, ByteBuf bytes) {
        LegChannel from = legs.end(leg);
        LegChannel to = legs.other(leg);
        flow.noteActivity();
        from.received(bytes);
        if (flow.hasEnded()) {
            bytes.release();
        } else if (to == null || !flow.passesFrom(from)) {
            // The kernel acknowledged them before the flow was cut off or connected, so they won't be sent again.
            from.hold(bytes);
        } else if (to.isOutputShut()) {
            bytes.release();
        } else {
            to.write(bytes);
            if (!to.isWritable()) {
                from.pauseReading();
            }
        }
    }

    void receivedAll(Leg leg) {
        LegChannel to = legs.other(leg);
        if (to != null && flow.passesFrom(legs.end(leg))) {
            to.flush();
        }
    }

    void writabilityChanged(Leg leg) {
        LegChannel source = legs.other(leg);
        if (source != null && flow.passesFrom(source) && legs.end(leg).isWritable()) {
            source.resumeReading();
        }
    }

    void finReceived(Leg leg) {
        if (flow.hasEnded()) {
            return;
        }
        LegChannel from = legs.end(leg);
        LegChannel to = legs.other(leg);
        from.inputShut();
        if (to != null && flow.passesFrom(from)) {
            passFin(from, to);
        }
    }

    /** Starts with what the client sent before the upstream was connected. */
    void begin(LegChannel client, LegChannel upstream) {
        upstream.resumeReading();
        passHeld(client, upstream);
        client.resumeReading();
    }

    /** Passes on bytes and FINs that were acknowledged before a leg was cut off, and read after that. */
    void passHeld() {
        LegChannel upstream = legs.upstream();
        if (upstream != null) {
            passHeld(legs.client, upstream);
            passHeld(upstream, legs.client);
        }
    }

    private void passHeld(LegChannel from, LegChannel to) {
        if (!flow.passesFrom(from)) {
            return;
        }
        from.passHeldTo(to);
        if (from.isInputShut() && !to.isOutputShut()) {
            passFin(from, to);
        }
    }

    /** Passes one side's FIN on to the other, behind its bytes. */
    private void passFin(LegChannel from, LegChannel to) {
        if (finishedFirst == null) {
            finishedFirst = FlowEntry.by(from.leg);
        }
        to.finish(this::closeWhenBothFinished);
        closeWhenBothFinished();
    }

    /** Sends both sides a FIN that neither has sent. */
    void finishBoth() {
        finishedFirst = ClosedBy.MIDDLEBOX;
        legs.each(leg -> leg.finish(this::closeWhenBothFinished));
    }

    void closeWhenBothFinished() {
        if (legs.areFinished()) {
            ClosedBy by = finishedFirst == null ? ClosedBy.MIDDLEBOX : finishedFirst;
            flow.finished(by, by == ClosedBy.MIDDLEBOX ? CloseReason.SHUTDOWN : CloseReason.FINISHED);
        }
    }
}
