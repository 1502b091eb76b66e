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

    FlowRelay(FlowEntry flow, Legs legs) {
        this.flow = flow;
        this.legs = legs;
    }

    /** The buffer is this flow's now. */
    void received(Leg leg, ByteBuf bytes) {
        LegChannel from = legs.end(leg);
        LegChannel to = legs.other(leg);
        flow.noteActivity();
        from.received(bytes);
        if (flow.hasEnded()) {
            bytes.release();
        } else if (!flow.passesFrom(from)) {
            // The kernel had acknowledged them before the flow fell silent, so its sender won't send them again.
            from.hold(bytes);
        } else if (to == null || to.isOutputShut()) {
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

    /** Begins, with what the client has sent before there was an upstream. */
    void begin(LegChannel client, LegChannel upstream) {
        client.passHeldTo(upstream);
        upstream.resumeReading();
        if (client.isInputShut()) {
            passFin(client, upstream);
        } else {
            client.resumeReading();
        }
    }

    /** Passes on bytes and FINs that were acknowledged before a leg fell silent, and read after that. */
    void passWhatCameBefore() {
        LegChannel upstream = legs.upstream();
        if (upstream != null) {
            passWhatCameBefore(legs.client, upstream);
            passWhatCameBefore(upstream, legs.client);
        }
    }

    private void passWhatCameBefore(LegChannel from, LegChannel to) {
        if (!flow.passesFrom(from)) {
            return;
        }
        from.passHeldTo(to);
        if (from.isInputShut() && !to.isOutputShut()) {
            passFin(from, to);
        }
    }

    /** One side's FIN is passed on to the other, behind its bytes. */
    private void passFin(LegChannel from, LegChannel to) {
        flow.halfClosed();
        if (finishedFirst == null) {
            finishedFirst = FlowEntry.by(from.leg);
        }
        to.finish(this::endWhenBothFinished);
        endWhenBothFinished();
    }

    /** Sends both sides a FIN that neither has sent. */
    void finishBoth() {
        finishedFirst = ClosedBy.MIDDLEBOX;
        legs.each(end -> end.finish(this::endWhenBothFinished));
    }

    void endWhenBothFinished() {
        if (legs.areFinished()) {
            ClosedBy by = finishedFirst == null ? ClosedBy.MIDDLEBOX : finishedFirst;
            flow.finished(by, by == ClosedBy.MIDDLEBOX ? CloseReason.SHUTDOWN : CloseReason.FINISHED);
        }
    }
}
