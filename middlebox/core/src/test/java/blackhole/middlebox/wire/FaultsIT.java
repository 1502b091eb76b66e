package blackhole.middlebox.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.Rig;
import blackhole.middlebox.Rig.Pair;
import blackhole.middlebox.config.Cidr;
import blackhole.middlebox.config.Direction;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import blackhole.middlebox.flow.FlowState;
import blackhole.middlebox.flow.Leg;
import blackhole.middlebox.wire.Watch.Sight;
import blackhole.support.Idle;
import blackhole.support.RawPeer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults other than idle expiry, seen by plain sockets on both sides. */
class FaultsIT {
    private static final int SMALL_BUFFER = 64 * 1024;
    private static final int SLOW_READ = 10_000;

    /** More than the buffers on the way take. */
    private static final long MORE_THAN_IS_READ = 64L * 1024 * 1024;

    @Test
    void onlyDataRefreshesFlowsOfMiddleboxThatTerminatesTcp() throws Exception {
        Duration timeout = Duration.ofSeconds(2);
        try (Rig terminating = Rig.startWith(
                        box -> box.with(Setting.IDLE_TIMEOUT, timeout).with(Setting.KEEPALIVE_REFRESHES, false));
                Rig forwarding = Rig.startWith(box -> box.with(Setting.IDLE_TIMEOUT, timeout))) {
            Pair probing = terminating.open();
            Pair talking = terminating.open();
            Pair probingOther = forwarding.open();
            for (Pair pair : List.of(probing, probingOther)) {
                pair.client().keepAlive();
                pair.greet();
            }
            for (int i = 0; i < 9; i++) {
                talking.greet();
                Idle.idleFor(Watch.MOMENT);
            }

            FlowExpired expired = terminating.awaitOne(FlowExpired.class);
            assertThat(expired.idle()).isBetween(timeout, timeout.plusSeconds(1));
            assertThat(expired.flowId()).isEqualTo(terminating.idOf(probing));
            assertThat(terminating.events(FlowExpired.class)).hasSize(1);
            assertThat(forwarding.events(FlowExpired.class)).isEmpty();
            probingOther.greet();
        }
    }

    /** The proxy reads nothing from the sender for longer than the timeout, as what it has read waits for the reader. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void flowWhoseReaderIsSlowDoesNotExpireWhileItsBytesMove(boolean keepaliveRefreshes) throws Exception {
        Duration timeout = Duration.ofSeconds(1);
        try (Rig rig = Rig.startWith(
                box -> box.with(Setting.IDLE_TIMEOUT, timeout).with(Setting.KEEPALIVE_REFRESHES, keepaliveRefreshes))) {
            Pair down = rig.open();
            Pair up = rig.open();
            down.client().socket().setReceiveBufferSize(SMALL_BUFFER);
            up.upstream().socket().setReceiveBufferSize(SMALL_BUFFER);
            down.upstream().sendRandomAndFinish(MORE_THAN_IS_READ);
            up.client().sendRandomAndFinish(MORE_THAN_IS_READ);

            long end = System.nanoTime() + timeout.multipliedBy(4).toNanos();
            while (System.nanoTime() < end) {
                assertThat(rig.events(FlowExpired.class)).isEmpty();
                assertThat(down.client().receive(SLOW_READ)).hasSizeGreaterThan(0);
                assertThat(up.upstream().receive(SLOW_READ)).hasSizeGreaterThan(0);
                Idle.idleFor(Duration.ofMillis(50));
            }
        }
    }

    @Test
    void busyFlowExpiresAtTheEndOfItsLifetime() throws Exception {
        Duration lifetime = Duration.ofSeconds(1);
        try (Rig rig = Rig.startWith(box -> box.with(Setting.MAX_LIFETIME, lifetime))) {
            long begin = System.nanoTime();
            Pair pair = rig.open();
            while (rig.count(FlowExpired.class) == 0) {
                pair.client().send("1");
                Idle.idleFor(Duration.ofMillis(10));
                assertThat(System.nanoTime() - begin).isLessThan(Rig.PATIENCE.toNanos());
            }
            Duration age = Duration.ofNanos(System.nanoTime() - begin);

            FlowExpired expired = rig.awaitOne(FlowExpired.class);
            assertThat(expired.cause()).isEqualTo(ExpiryCause.LIFETIME);
            assertThat(expired.idle()).isLessThan(lifetime);
            // The least tick of the idle clock is a hundredth of the idle timeout, of at most 0.9 s.
            assertThat(age).isBetween(lifetime, lifetime.plusSeconds(3));
            pair.upstream().send("?");
            Watch.over(pair.client()).assertSees(Sight.NOTHING);
        }
    }

    @Test
    void healedFlowBeginsAnotherLifetime() throws Exception {
        Duration lifetime = Duration.ofSeconds(3);
        try (Rig rig = Rig.startWith(
                box -> box.with(Setting.IDLE_TIMEOUT, Duration.ofSeconds(10)).with(Setting.MAX_LIFETIME, lifetime))) {
            Pair pair = rig.open();
            FlowExpired expired = rig.awaitOne(FlowExpired.class);

            rig.proxy().heal(flow -> true);
            Idle.idleFor(Duration.ofSeconds(1));

            pair.greet();
            FlowExpired again = rig.awaitOne(FlowExpired.class, event -> !event.equals(expired));
            assertThat(again.cause()).isEqualTo(ExpiryCause.LIFETIME);
            assertThat(Duration.between(expired.at(), again.at())).isBetween(lifetime, lifetime.plusSeconds(2));
        }
    }

    @ParameterizedTest
    @CsvSource({"CLIENT_TO_UPSTREAM, CLIENT", "UPSTREAM_TO_CLIENT, UPSTREAM"})
    void flowBlackholedOneWayPassesTheOtherWay(Direction direction, Leg blackholedLeg) throws Exception {
        try (Rig rig = Rig.startWith(box -> box.with(Setting.DIRECTION, direction))) {
            Pair pair = rig.expired();
            RawPeer blackholed = pair.peer(blackholedLeg);
            RawPeer receiving = pair.otherPeer(blackholedLeg);

            receiving.send("h");
            blackholed.send("s");

            assertThat(blackholed.receive(1)).isEqualTo("h");
            Watch watch = Watch.over(receiving);
            watch.assertSees(Sight.NOTHING);
            rig.awaitOne(SegmentDiscarded.class, event -> event.leg() == blackholedLeg);

            assertThat(rig.proxy().heal(flow -> true)).hasSize(1);

            watch.assertSees(Sight.BYTE);
            pair.greet();
        }
    }

    @Test
    void clientOfRouteWithoutUpstreamIsAcceptedAndBlackholed() throws Exception {
        try (Middlebox proxy = Middlebox.builder().route("0=none").start();
                RawPeer client = RawPeer.connect(proxy.address())) {
            // The kernel acknowledges what arrives before the proxy has accepted.
            await().until(() -> proxy.flows().stream().anyMatch(flow -> flow.state() == FlowState.BLACKHOLED));

            client.send("1");

            Watch.over(client).assertSees(Sight.NOTHING);
            assertThat(proxy.flows()).singleElement().satisfies(flow -> {
                assertThat(flow.client().segmentsDiscarded()).isPositive();
                assertThat(flow.client().bytesReceived()).isZero();
            });
            assertThat(proxy.heal(flow -> true)).isEmpty();
        }
    }

    @Test
    void faultsApplyOnlyToTheGivenClients() throws Exception {
        Duration timeout = Duration.ofSeconds(1);
        try (Rig rig = Rig.startWith(box ->
                box.with(Setting.IDLE_TIMEOUT, timeout).with(Setting.ONLY_CLIENTS, List.of(Cidr.parse("127.0.0.2"))))) {
            Pair spared = rig.openFrom("127.0.0.1");
            Pair faulty = rig.openFrom("127.0.0.2");
            spared.greet();
            faulty.greet();
            long idOfFaulty = rig.idOf(faulty);

            FlowExpired expired = rig.awaitOne(FlowExpired.class);
            assertThat(expired.flowId()).isEqualTo(idOfFaulty);
            Watch.assertBlackholed(faulty.client(), faulty.upstream());
            spared.greet();

            rig.proxy().outage(true);
            spared.greet();
            rig.openFrom("127.0.0.1").greet();
            RawPeer duringOutage = rig.connectFrom("127.0.0.2");
            rig.awaitOne(FlowExpired.class, event -> event.cause() == ExpiryCause.OUTAGE);
            duringOutage.send("x");
            rig.awaitOne(SegmentDiscarded.class, event -> event.flowId() > idOfFaulty + 1);
            rig.proxy().outage(false);
            assertThat(rig.accept().receive(1)).isEqualTo("x");
            assertThat(rig.events(FlowOpened.class)).hasSizeGreaterThanOrEqualTo(4);
        }
    }
}
