package blackhole.middlebox.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Cidr;
import blackhole.middlebox.config.Direction;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.middlebox.flow.FlowEvent.ResetSent;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import blackhole.middlebox.flow.FlowState;
import blackhole.middlebox.flow.Leg;
import blackhole.middlebox.wire.Rig.Pair;
import blackhole.middlebox.wire.Watch.Sight;
import java.io.IOException;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.List;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The faults beside idle expiry, seen by plain sockets on both sides. */
class FaultsIT {
    @Test
    void boxThatTerminatesTcpIsNotKeptAwakeByKeepaliveProbesButByData() throws Exception {
        Duration timeout = Duration.ofSeconds(2);
        try (Rig terminating = Rig.start(
                        box -> box.with(Setting.IDLE_TIMEOUT, timeout).with(Setting.KEEPALIVE_REFRESHES, false));
                Rig forwarding = Rig.start(box -> box.with(Setting.IDLE_TIMEOUT, timeout))) {
            Pair probing = keptAlive(terminating.connect());
            Pair talking = terminating.connect();
            Pair probingOther = keptAlive(forwarding.connect());
            probing.exchange();
            probingOther.exchange();
            for (int i = 0; i < 9; i++) {
                talking.exchange();
                Rig.idleFor(Rig.MOMENT);
            }

            FlowExpired expired = terminating.await(FlowExpired.class, event -> true);
            assertThat(expired.idle()).isBetween(timeout, timeout.plusSeconds(1));
            assertThat(expired.flowId()).isEqualTo(terminating.idOf(probing));
            assertThat(terminating.events(FlowExpired.class)).hasSize(1);
            assertThat(forwarding.events(FlowExpired.class)).isEmpty();
            probingOther.exchange();
        }
    }

    private static Pair keptAlive(Pair pair) throws IOException {
        pair.client()
                .setOption(StandardSocketOptions.SO_KEEPALIVE, true)
                .setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 1)
                .setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 1)
                .setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 9);
        return pair;
    }

    @Test
    void busyFlowHasExpiredAtTheEndOfItsLifetime() throws Exception {
        Duration lifetime = Duration.ofSeconds(1);
        try (Rig rig = Rig.start(box -> box.with(Setting.MAX_LIFETIME, lifetime))) {
            long begin = System.nanoTime();
            Pair pair = rig.connect();
            pair.client().setSoTimeout((int) Rig.LONG.toMillis());
            while (rig.events(FlowExpired.class).findAny().isEmpty()) {
                pair.client().getOutputStream().write(1);
                Rig.idleFor(Duration.ofMillis(10));
                assertThat(System.nanoTime() - begin).isLessThan(Rig.LONG.toNanos());
            }
            Duration age = Duration.ofNanos(System.nanoTime() - begin);

            FlowExpired expired = rig.await(FlowExpired.class, event -> true);
            assertThat(expired.cause()).isEqualTo(ExpiryCause.LIFETIME);
            assertThat(expired.idle()).isLessThan(lifetime);
            // The least tick of the idle clock is a hundredth of the idle timeout, of at most 0.9 s.
            assertThat(age).isBetween(lifetime, lifetime.plusSeconds(3));
            pair.upstream().getOutputStream().write('?');
            assertThat(Watch.over(pair.client()).within(Rig.MOMENT).what()).isEqualTo(Sight.SILENCE);
        }
    }

    @Test
    void healedFlowBeginsAnotherLifetime() throws Exception {
        Duration lifetime = Duration.ofSeconds(3);
        try (Rig rig = Rig.start(
                box -> box.with(Setting.IDLE_TIMEOUT, Duration.ofSeconds(10)).with(Setting.MAX_LIFETIME, lifetime))) {
            Pair pair = rig.connect();
            FlowExpired expired = rig.await(FlowExpired.class, event -> true);

            rig.proxy.heal(flow -> true);
            Rig.idleFor(Duration.ofSeconds(1));

            pair.exchange();
            FlowExpired again = rig.await(FlowExpired.class, event -> event != expired);
            assertThat(again.cause()).isEqualTo(ExpiryCause.LIFETIME);
            assertThat(Duration.between(expired.at(), again.at())).isBetween(lifetime, lifetime.plusSeconds(2));
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BOTH")
    void oneWaySilenceLetsTheOtherWayPass(Direction direction) throws Exception {
        try (Rig rig = Rig.start(box -> box.with(Setting.DIRECTION, direction))) {
            Pair pair = rig.expired();
            Socket silenced = pair.sender(direction);
            Socket heard = pair.receiver(direction);

            heard.getOutputStream().write('h');
            silenced.getOutputStream().write('s');

            assertThat(silenced.getInputStream().read()).isEqualTo('h');
            Watch watch = Watch.over(heard);
            assertThat(watch.within(Rig.MOMENT).what()).isEqualTo(Sight.SILENCE);
            Leg silencedLeg = silenced == pair.client() ? Leg.CLIENT : Leg.UPSTREAM;
            rig.await(SegmentDiscarded.class, event -> event.leg() == silencedLeg);

            assertThat(rig.proxy.heal(flow -> true)).hasSize(1);

            assertThat(watch.within(Rig.LONG).what()).isEqualTo(Sight.BYTE);
            pair.exchange();
        }
    }

    @Test
    void clientOfRouteWithoutUpstreamIsAcceptedAndMetWithSilence() throws Exception {
        try (Middlebox proxy = Middlebox.builder().route("0=none").start();
                Socket client =
                        new Socket(proxy.address().getAddress(), proxy.address().getPort())) {
            // What comes before the proxy has accepted is acknowledged by the kernel.
            await().until(() -> proxy.flows().stream().anyMatch(flow -> flow.state() == FlowState.BLACKHOLED));

            client.getOutputStream().write(1);

            assertThat(Watch.over(client).within(Duration.ofSeconds(1)).what()).isEqualTo(Sight.SILENCE);
            assertThat(proxy.flows()).singleElement().satisfies(flow -> {
                assertThat(flow.client().segmentsDiscarded()).isPositive();
                assertThat(flow.client().bytesReceived()).isZero();
            });
            assertThat(proxy.heal(flow -> true)).isEmpty();
        }
    }

    @Test
    void faultsMeetOnlyTheClientsThatTheyAreFor() throws Exception {
        Duration timeout = Duration.ofSeconds(1);
        try (Rig rig = Rig.start(box ->
                box.with(Setting.IDLE_TIMEOUT, timeout).with(Setting.ONLY_CLIENTS, List.of(Cidr.parse("127.0.0.2"))))) {
            Pair spared = rig.connectFrom("127.0.0.1");
            Pair meant = rig.connectFrom("127.0.0.2");
            spared.exchange();
            meant.exchange();
            long idOfMeant = rig.idOf(meant);

            FlowExpired expired = rig.await(FlowExpired.class, event -> true);
            assertThat(expired.flowId()).isEqualTo(idOfMeant);
            Rig.assertSilent(meant.client(), meant.upstream());
            spared.exchange();

            rig.proxy.outage(true);
            spared.exchange();
            rig.connectFrom("127.0.0.1").exchange();
            Socket duringOutage = rig.connectWithoutUpstream("127.0.0.2");
            rig.await(FlowExpired.class, event -> event.cause() == ExpiryCause.OUTAGE);
            duringOutage.getOutputStream().write('x');
            rig.await(SegmentDiscarded.class, event -> event.flowId() > idOfMeant + 1);
            rig.proxy.outage(false);
            assertThat(rig.accept().getInputStream().read()).isEqualTo('x');
            assertThat(rig.events(FlowOpened.class)).hasSizeGreaterThanOrEqualTo(4);
        }
    }

    @Test
    void bothSidesOfExpiredFlowAreResetEachForItsOwnPacket() throws Exception {
        try (Rig rig = Rig.start(box -> box.with(Setting.ON_EXPIRY, OnExpiry.RESET_SENDER))) {
            Pair pair = rig.expired();
            Watch upstream = Watch.over(pair.upstream());

            pair.client().getOutputStream().write(1);
            assertThat(Watch.over(pair.client()).within(Rig.LONG).what()).isEqualTo(Sight.RST);
            assertThat(upstream.within(Rig.MOMENT).what()).isEqualTo(Sight.SILENCE);

            pair.upstream().getOutputStream().write(1);
            assertThat(upstream.within(Rig.LONG).what()).isEqualTo(Sight.RST);
            rig.await(ResetSent.class, event -> event.leg() == Leg.UPSTREAM);
            assertThat(rig.proxy.flows()).isEmpty();
        }
    }
}
