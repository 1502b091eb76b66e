package blackhole.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blackhole.proxy.Cidr;
import blackhole.proxy.Direction;
import blackhole.proxy.FlowEvent.FlowClosed;
import blackhole.proxy.FlowEvent.FlowExpired;
import blackhole.proxy.FlowEvent.FlowHealed;
import blackhole.proxy.FlowEvent.SegmentDiscarded;
import blackhole.proxy.FlowEvent.UpstreamUnreachable;
import blackhole.proxy.Leg;
import blackhole.proxy.OnExpiry;
import blackhole.proxy.wire.Rig.Pair;
import blackhole.proxy.wire.Watch.Sight;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Everything is dark, and light again. */
class DarkIT {
    @Test
    void darkSilencesFlowsAndSynsAndLightBringsThemBack() throws Exception {
        try (Rig rig = Rig.start(box -> box.onExpiry(OnExpiry.RESET_BOTH))) {
            Pair before = rig.connect();
            before.exchange();

            rig.proxy.dark(true);
            before.client().getOutputStream().write('b');
            Watch watch = Watch.over(before.upstream());
            Socket impatient = rig.socket();
            assertThatThrownBy(() -> impatient.connect(rig.proxy.address(), (int) Rig.MOMENT.toMillis()))
                    .isInstanceOf(SocketTimeoutException.class);
            Future<Pair> during = rig.connectLater();
            assertThat(watch.within(Rig.MOMENT).what()).isEqualTo(Sight.SILENCE);
            assertThat(during).isNotDone();

            rig.proxy.dark(false);

            assertThat(watch.within(Rig.LONG).what()).isEqualTo(Sight.BYTE);
            before.exchange();
            during.get(Rig.LONG.toSeconds(), TimeUnit.SECONDS).exchange();
        }
    }

    @Test
    void flowForgottenBeforeTheDarkStaysForgottenAfterIt() throws Exception {
        try (Rig rig = Rig.start(box -> box)) {
            Pair pair = rig.forgotten();

            rig.proxy.dark(true);
            rig.proxy.dark(false);

            Rig.assertSilent(pair.client(), pair.upstream());
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BOTH")
    void directionThatStillPassedIsSilentInTheDark(Direction direction) throws Exception {
        try (Rig rig = Rig.start(box -> box.direction(direction))) {
            Pair pair = rig.forgotten();
            Socket silenced = pair.sender(direction);
            Socket heard = pair.receiver(direction);

            rig.proxy.dark(true);
            heard.getOutputStream().write('d');
            Watch watch = Watch.over(silenced);
            assertThat(watch.within(Rig.MOMENT).what()).isEqualTo(Sight.SILENCE);
            rig.proxy.dark(false);

            assertThat(watch.within(Rig.LONG).what()).isEqualTo(Sight.BYTE);
            Rig.assertSilent(silenced, heard);
        }
    }

    @Test
    void packetOfForgottenFlowIsNotAnsweredInTheDark() throws Exception {
        try (Rig rig = Rig.start(box -> box.onExpiry(OnExpiry.RESET_SENDER))) {
            Pair pair = rig.forgotten();
            sendInTheDark(rig, pair);

            Watch watch = Watch.over(pair.client());
            assertThat(watch.within(Rig.MOMENT).what()).isEqualTo(Sight.SILENCE);
            rig.proxy.dark(false);

            assertThat(watch.within(Rig.LONG).what()).isEqualTo(Sight.RST);
        }
    }

    @Test
    void stallingFlowIsSilentInTheDarkAndOnlyStallsAfterIt() throws Exception {
        try (Rig rig = Rig.start(box -> box.onExpiry(OnExpiry.STALL))) {
            Pair pair = rig.forgotten();
            sendInTheDark(rig, pair);

            rig.proxy.dark(false);

            Watch watch = Watch.over(pair.upstream());
            assertThat(watch.within(Rig.MOMENT).what()).isEqualTo(Sight.SILENCE);
            assertThat(rig.proxy.heal(flow -> true)).hasSize(1);
            assertThat(watch.within(Rig.LONG).what()).isEqualTo(Sight.BYTE);
        }
    }

    private static void sendInTheDark(Rig rig, Pair pair) throws IOException {
        rig.proxy.dark(true);
        pair.client().getOutputStream().write('x');
        rig.await(SegmentDiscarded.class, event -> event.leg() == Leg.CLIENT);
    }

    @Test
    void flowIsNotHealedInTheDark() throws Exception {
        try (Rig rig = Rig.start(box -> box)) {
            Pair pair = rig.forgotten();
            rig.proxy.dark(true);

            assertThat(rig.proxy.heal(flow -> true)).isEmpty();
            Rig.assertSilent(pair.client(), pair.upstream());
            rig.proxy.dark(false);

            assertThat(rig.proxy.heal(flow -> true)).hasSize(1);
        }
    }

    @Test
    void flowWhoseUpstreamIsGoneAfterTheDarkIsClosedAndTold() throws Exception {
        List<Cidr> everybody = List.of(Cidr.parse("127.0.0.0/8"));
        try (Rig rig = Rig.start(box -> box.onlyClients(everybody))) {
            rig.proxy.dark(true);
            Socket client = rig.connectWithoutUpstream("127.0.0.1");
            long id = rig.await(FlowExpired.class, event -> true).flowId();
            rig.closeServer();

            rig.proxy.dark(false);

            rig.await(FlowHealed.class, event -> event.flowId() == id);
            rig.await(UpstreamUnreachable.class, event -> event.flowId() == id);
            rig.await(FlowClosed.class, event -> event.flowId() == id);
            assertThat(Watch.over(client).within(Rig.LONG).what()).isEqualTo(Sight.RST);
        }
    }
}
