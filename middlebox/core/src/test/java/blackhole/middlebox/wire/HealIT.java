package blackhole.middlebox.wire;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.Rig;
import blackhole.middlebox.Rig.Pair;
import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import blackhole.middlebox.wire.Watch.Sight;
import blackhole.support.Idle;
import blackhole.support.OwnThread;
import blackhole.support.RawPeer.Received;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A healed flow: what was retransmitted arrives, once. */
class HealIT {
    private static final int BYTES = 4 * 1024 * 1024;
    private static final Duration OUTAGE = Duration.ofMillis(700);

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void whatBothSidesWroteMeanwhileArrivesOnce(int outages) throws Exception {
        try (Rig rig = Rig.startWith(box -> box)) {
            Pair pair = rig.expired();

            Future<Long> clientWrites = pair.client().sendRandomAndFinish(BYTES);
            Future<Long> upstreamWrites = pair.upstream().sendRandomAndFinish(BYTES);
            Future<Received> upstreamReads = OwnThread.call(pair.upstream()::receiveRandom);
            Future<Received> clientReads = OwnThread.call(pair.client()::receiveRandom);
            rig.awaitOne(SegmentDiscarded.class);
            Idle.idleFor(OUTAGE);
            assertThat(upstreamReads).isNotDone();
            rig.proxy().heal(flow -> true);
            for (int i = 1; i < outages; i++) {
                rig.proxy().expire(flow -> true);
                Idle.idleFor(OUTAGE);
                rig.proxy().heal(flow -> true);
            }

            assertThat(upstreamReads.get(60, TimeUnit.SECONDS))
                    .isEqualTo(new Received(BYTES, clientWrites.get(60, TimeUnit.SECONDS)));
            assertThat(clientReads.get(60, TimeUnit.SECONDS))
                    .isEqualTo(new Received(BYTES, upstreamWrites.get(60, TimeUnit.SECONDS)));
            FlowClosed closed = rig.awaitOne(FlowClosed.class);
            assertThat(closed.how()).isEqualTo(CloseReason.FINISHED);
            assertThat(closed.bytesFromClient()).isEqualTo(BYTES + 4);
            assertThat(closed.bytesFromUpstream()).isEqualTo(BYTES + 4);
        }
    }

    @Test
    void finOfExpiredFlowArrivesBehindItsBytesOnceHealed() throws Exception {
        try (Rig rig = Rig.startWith(box -> box)) {
            Pair pair = rig.expired();
            Watch upstream = Watch.over(pair.upstream());

            pair.client().send("z");
            pair.client().finish();
            upstream.assertSees(Sight.NOTHING);
            rig.proxy().heal(flow -> true);

            upstream.assertSees(Sight.BYTE);
            assertThat(pair.upstream().receiveAll()).isEmpty();
            pair.upstream().send("a");
            assertThat(pair.client().receive(1)).isEqualTo("a");
            pair.upstream().close();
            assertThat(pair.client().receiveAll()).isEmpty();
            rig.awaitOne(FlowClosed.class, event -> event.how() == CloseReason.FINISHED);
        }
    }
}
