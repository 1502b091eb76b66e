package blackhole.middlebox.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blackhole.middlebox.config.Cidr;
import blackhole.middlebox.config.Direction;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.FlowHealed;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import blackhole.middlebox.flow.FlowEvent.UpstreamUnreachable;
import blackhole.middlebox.flow.Leg;
import blackhole.middlebox.wire.Rig.Pair;
import blackhole.middlebox.wire.Watch.Sight;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An outage, and its end. */
class OutageIT {
    @Test
    void outageBlackholesFlowsAndSynsAndItsEndHealsThem() throws Exception {
        try (Rig rig = Rig.start(box -> box.with(Setting.ON_EXPIRY, OnExpiry.RESET_BOTH))) {
            Pair before = rig.connect();
            before.exchange();

            rig.proxy.outage(true);
            before.client().getOutputStream().write('b');
            Watch watch = Watch.over(before.upstream());
            Socket impatient = rig.socket();
            assertThatThrownBy(() -> impatient.connect(rig.proxy.address(), (int) Rig.MOMENT.toMillis()))
                    .isInstanceOf(SocketTimeoutException.class);
            Future<Pair> during = rig.connectLater();
            assertThat(watch.within(Rig.MOMENT).what()).isEqualTo(Sight.SILENCE);
            assertThat(during).isNotDone();

            rig.proxy.outage(false);

            assertThat(watch.within(Rig.LONG).what()).isEqualTo(Sight.BYTE);
            before.exchange();
            during.get(Rig.LONG.toSeconds(), TimeUnit.SECONDS).exchange();
        }
    }

    @Test
    void flowExpiredBeforeTheOutageStaysExpiredAfterIt() throws Exception {
        try (Rig rig = Rig.start(box -> box)) {
            Pair pair = rig.expired();

            rig.proxy.outage(true);
            rig.proxy.outage(false);

            Rig.assertSilent(pair.client(), pair.upstream());
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BOTH")
    void directionThatStillPassedIsBlackholedDuringAnOutage(Direction direction) throws Exception {
        try (Rig rig = Rig.start(box -> box.with(Setting.DIRECTION, direction))) {
            Pair pair = rig.expired();
            Socket silenced = pair.sender(direction);
            Socket heard = pair.receiver(direction);

            rig.proxy.outage(true);
            heard.getOutputStream().write('d');
            Watch watch = Watch.over(silenced);
            assertThat(watch.within(Rig.MOMENT).what()).isEqualTo(Sight.SILENCE);
            rig.proxy.outage(false);

            assertThat(watch.within(Rig.LONG).what()).isEqualTo(Sight.BYTE);
            Rig.assertSilent(silenced, heard);
        }
    }

    @Test
    void packetOfExpiredFlowIsNotAnsweredDuringAnOutage() throws Exception {
        try (Rig rig = Rig.start(box -> box.with(Setting.ON_EXPIRY, OnExpiry.RESET_SENDER))) {
            Pair pair = rig.expired();
            sendDuringOutage(rig, pair);

            Watch watch = Watch.over(pair.client());
            assertThat(watch.within(Rig.MOMENT).what()).isEqualTo(Sight.SILENCE);
            rig.proxy.outage(false);

            assertThat(watch.within(Rig.LONG).what()).isEqualTo(Sight.RST);
        }
    }

    @Test
    void stallingFlowIsBlackholedDuringAnOutageAndOnlyStallsAfterIt() throws Exception {
        try (Rig rig = Rig.start(box -> box.with(Setting.ON_EXPIRY, OnExpiry.STALL))) {
            Pair pair = rig.expired();
            sendDuringOutage(rig, pair);

            rig.proxy.outage(false);

            Watch watch = Watch.over(pair.upstream());
            assertThat(watch.within(Rig.MOMENT).what()).isEqualTo(Sight.SILENCE);
            assertThat(rig.proxy.heal(flow -> true)).hasSize(1);
            assertThat(watch.within(Rig.LONG).what()).isEqualTo(Sight.BYTE);
        }
    }

    private static void sendDuringOutage(Rig rig, Pair pair) throws IOException {
        rig.proxy.outage(true);
        pair.client().getOutputStream().write('x');
        rig.await(SegmentDiscarded.class, event -> event.leg() == Leg.CLIENT);
    }

    @Test
    void flowIsNotHealedDuringAnOutage() throws Exception {
        try (Rig rig = Rig.start(box -> box)) {
            Pair pair = rig.expired();
            rig.proxy.outage(true);

            assertThat(rig.proxy.heal(flow -> true)).isEmpty();
            Rig.assertSilent(pair.client(), pair.upstream());
            rig.proxy.outage(false);

            assertThat(rig.proxy.heal(flow -> true)).hasSize(1);
        }
    }

    @Test
    void flowWhoseUpstreamIsGoneAfterTheOutageIsClosedAndReported() throws Exception {
        List<Cidr> everybody = List.of(Cidr.parse("127.0.0.0/8"));
        try (Rig rig = Rig.start(box -> box.with(Setting.ONLY_CLIENTS, everybody))) {
            rig.proxy.outage(true);
            Socket client = rig.connectWithoutUpstream("127.0.0.1");
            long id = rig.await(FlowExpired.class, event -> true).flowId();
            rig.closeServer();

            rig.proxy.outage(false);

            rig.await(FlowHealed.class, event -> event.flowId() == id);
            rig.await(UpstreamUnreachable.class, event -> event.flowId() == id);
            rig.await(FlowClosed.class, event -> event.flowId() == id);
            assertThat(Watch.over(client).within(Rig.LONG).what()).isEqualTo(Sight.RST);
        }
    }
}
