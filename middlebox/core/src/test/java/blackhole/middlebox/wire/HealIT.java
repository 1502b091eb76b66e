package blackhole.middlebox.wire;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.config.Direction;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import blackhole.middlebox.flow.FlowEvent.FlowHealed;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import blackhole.middlebox.flow.FlowState;
import blackhole.middlebox.wire.Rig.Pair;
import blackhole.middlebox.wire.Watch.Sight;
import blackhole.support.OwnThread;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An expired flow that is known again: what was retransmitted arrives, once. */
class HealIT {
    private static final int BYTES = 4 * 1024 * 1024;
    private static final Duration OUTAGE = Duration.ofMillis(700);

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void whatBothSidesWroteMeanwhileArrivesOnce(int outages) throws Exception {
        byte[] up = random(1);
        byte[] down = random(2);
        try (Rig rig = Rig.start(box -> box)) {
            Pair pair = rig.expired();

            Future<Void> clientWrites = write(pair.client(), up);
            Future<Void> upstreamWrites = write(pair.upstream(), down);
            Future<String> upstreamReads = read(pair.upstream());
            Future<String> clientReads = read(pair.client());
            rig.await(SegmentDiscarded.class, event -> true);
            Rig.idleFor(OUTAGE);
            assertThat(upstreamReads).isNotDone();
            rig.proxy.heal(flow -> true);
            for (int i = 1; i < outages; i++) {
                rig.proxy.expire(flow -> true);
                Rig.idleFor(OUTAGE);
                rig.proxy.heal(flow -> true);
            }

            assertThat(upstreamReads.get(60, TimeUnit.SECONDS)).isEqualTo(sha256(up));
            assertThat(clientReads.get(60, TimeUnit.SECONDS)).isEqualTo(sha256(down));
            clientWrites.get(60, TimeUnit.SECONDS);
            upstreamWrites.get(60, TimeUnit.SECONDS);
            FlowClosed closed = rig.await(FlowClosed.class, event -> true);
            assertThat(closed.how()).isEqualTo(CloseReason.FINISHED);
            assertThat(closed.bytesFromClient()).isEqualTo(BYTES + 1);
            assertThat(closed.bytesFromUpstream()).isEqualTo(BYTES + 1);
        }
    }

    @Test
    void finOfExpiredFlowArrivesBehindItsBytesOnceHealed() throws Exception {
        try (Rig rig = Rig.start(box -> box)) {
            Pair pair = rig.expired();
            Watch upstream = Watch.over(pair.upstream());

            pair.client().getOutputStream().write('z');
            pair.client().shutdownOutput();
            assertThat(upstream.within(OUTAGE).what()).isEqualTo(Sight.SILENCE);
            rig.proxy.heal(flow -> true);

            assertThat(upstream.within(Rig.LONG).what()).isEqualTo(Sight.BYTE);
            assertThat(pair.upstream().getInputStream().read()).isEqualTo(-1);
            pair.upstream().getOutputStream().write('a');
            assertThat(pair.client().getInputStream().read()).isEqualTo('a');
            pair.upstream().close();
            assertThat(pair.client().getInputStream().read()).isEqualTo(-1);
            rig.await(FlowClosed.class, event -> event.how() == CloseReason.FINISHED);
        }
    }

    @Test
    void flowThatBothSidesHadFinishedWithEndsOnceHealed() throws Exception {
        try (Rig rig = Rig.start(box -> box.with(Setting.DIRECTION, Direction.CLIENT_TO_UPSTREAM))) {
            Pair pair = rig.connect();
            pair.exchange();
            pair.client().shutdownOutput();
            assertThat(pair.upstream().getInputStream().read()).isEqualTo(-1);
            rig.proxy.expire(flow -> true);
            pair.upstream().shutdownOutput();
            assertThat(pair.client().getInputStream().read()).isEqualTo(-1);

            rig.proxy.heal(flow -> true);

            rig.await(FlowClosed.class, event -> event.how() == CloseReason.FINISHED);
        }
    }

    @Test
    void closeOfExpiredFlowEndsItOnceHealed() throws Exception {
        try (Rig rig = Rig.start(box -> box)) {
            Pair pair = rig.expired();
            Watch upstream = Watch.over(pair.upstream());

            pair.client().close();
            assertThat(upstream.within(OUTAGE).what()).isEqualTo(Sight.SILENCE);
            rig.proxy.heal(flow -> true);

            assertThat(upstream.within(Rig.LONG).what()).isEqualTo(Sight.FIN);
            pair.upstream().close();
            rig.await(FlowClosed.class, event -> event.how() == CloseReason.FINISHED);
        }
    }

    @Test
    void halfClosedFlowIsHealedAsHalfClosed() throws Exception {
        try (Rig rig = Rig.start(box -> box)) {
            Pair pair = rig.connect();
            pair.exchange();
            pair.client().shutdownOutput();
            assertThat(pair.upstream().getInputStream().read()).isEqualTo(-1);
            rig.proxy.expire(flow -> true);
            pair.upstream().getOutputStream().write('q');
            rig.await(SegmentDiscarded.class, event -> true);

            rig.proxy.heal(flow -> true);

            rig.await(FlowHealed.class, event -> true);
            assertThat(rig.proxy.flows()).singleElement().satisfies(flow -> assertThat(flow.state())
                    .isEqualTo(FlowState.HALF_CLOSED));
            assertThat(pair.client().getInputStream().read()).isEqualTo('q');
        }
    }

    private static byte[] random(long seed) {
        byte[] bytes = new byte[BYTES];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static Future<Void> write(Socket socket, byte[] bytes) {
        return OwnThread.run(() -> {
            socket.getOutputStream().write(bytes);
            socket.shutdownOutput();
        });
    }

    /** Reads to the end. */
    private static Future<String> read(Socket socket) {
        return OwnThread.call(() -> sha256(socket.getInputStream().readAllBytes()));
    }

    private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
