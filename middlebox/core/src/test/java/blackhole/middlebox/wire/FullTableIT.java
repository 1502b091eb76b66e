package blackhole.middlebox.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import blackhole.middlebox.Rig;
import blackhole.middlebox.Rig.Pair;
import blackhole.middlebox.config.Cidr;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.config.WhenFull;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.middlebox.flow.FlowState;
import blackhole.support.Idle;
import blackhole.support.KernelSocket;
import blackhole.support.RawPeer;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A full flow table, and what becomes of one more flow. */
class FullTableIT {
    @Test
    void fullTableExpiresTheLeastRecentlyActiveFlowForTheNewOne() throws Exception {
        try (Rig rig = Rig.startWith(box -> box.with(Setting.MAX_FLOWS, 2))) {
            Pair first = rig.open();
            Pair second = rig.open();
            second.greet();
            Idle.idleFor(Duration.ofMillis(50));
            first.greet();
            long idOfSecond = rig.idOf(second);

            Pair third = rig.open();

            FlowExpired expired = rig.awaitOne(FlowExpired.class);
            assertThat(expired.flowId()).isEqualTo(idOfSecond);
            assertThat(expired.cause()).isEqualTo(ExpiryCause.TABLE_FULL);
            Watch.assertBlackholed(second.client(), second.upstream());
            third.greet();
            first.greet();
            assertThat(rig.events(FlowExpired.class)).hasSize(1);
        }
    }

    @Test
    void fullTableLeavesSynUnansweredUntilThereIsRoom() throws Exception {
        try (Rig rig = Rig.startWith(box -> box.with(Setting.MAX_FLOWS, 1).with(Setting.WHEN_FULL, WhenFull.IGNORE))) {
            Pair first = rig.open();
            first.greet();

            assertThatThrownBy(() -> RawPeer.connect(rig.proxy().address(), Watch.MOMENT))
                    .isInstanceOf(SocketTimeoutException.class);
            Future<Pair> second = rig.openLater();
            Idle.idleFor(Watch.MOMENT);
            assertThat(second).isNotDone();
            first.client().close();
            first.upstream().close();

            second.get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS).greet();
            assertThat(rig.events(FlowExpired.class)).isEmpty();
        }
    }

    @Test
    void burstOfClientsDoesNotExceedTheTableThatIgnoresNewFlows() throws Exception {
        int room = 5;
        int clients = 40;
        try (Rig rig =
                Rig.startWith(box -> box.with(Setting.MAX_FLOWS, room).with(Setting.WHEN_FULL, WhenFull.IGNORE))) {
            for (int i = 0; i < clients; i++) {
                rig.openLater();
            }
            rig.awaitOne(FlowOpened.class, event -> rig.count(FlowOpened.class) >= room);

            // Clients that the kernel accepted before the table was full are blackholed.
            await().pollDelay(Watch.MOMENT).atMost(Rig.PATIENCE).until(() -> rig.proxy().flows().stream()
                    .noneMatch(flow -> flow.state() == FlowState.CONNECTING));
            assertThat(rig.proxy().flows())
                    .filteredOn(flow -> flow.state() == FlowState.LIVE)
                    .hasSize(room);
            assertThat(rig.events(FlowExpired.class))
                    .allSatisfy(event -> assertThat(event.cause()).isEqualTo(ExpiryCause.TABLE_FULL));
        }
    }

    @Test
    void clientsWithoutFaultsTakeNoRoom() throws Exception {
        try (Rig rig = Rig.startWith(
                box -> box.with(Setting.MAX_FLOWS, 1).with(Setting.ONLY_CLIENTS, List.of(Cidr.parse("127.0.0.2"))))) {
            Pair first = rig.openFrom("127.0.0.2");
            first.greet();
            for (int i = 0; i < 3; i++) {
                rig.openFrom("127.0.0.1").greet();
            }
            first.greet();
            assertThat(rig.events(FlowExpired.class)).isEmpty();
            long idOfFirst = rig.idOf(first);

            rig.openFrom("127.0.0.2").greet();

            assertThat(rig.awaitOne(FlowExpired.class).flowId()).isEqualTo(idOfFirst);
        }
    }

    @Test
    void clientsOfRouteWithoutUpstreamTakeNoRoom() throws Exception {
        try (Rig rig = Rig.start(
                settings -> settings.route("0=none").config(MiddleboxConfig.DEFAULT.with(Setting.MAX_FLOWS, 1)))) {
            Pair pair = rig.open();

            InetSocketAddress withoutUpstream = rig.proxy().addresses().get(1);
            try (RawPeer first = RawPeer.connect(withoutUpstream);
                    RawPeer second = RawPeer.connect(withoutUpstream)) {
                await().until(() -> rig.proxy().flows().size() == 3);

                assertThat(rig.proxy().flows())
                        .filteredOn(flow -> flow.state() == FlowState.LIVE)
                        .singleElement()
                        .satisfies(flow -> assertThat(flow.client().peer())
                                .isEqualTo(pair.client().address()));
                assertThat(List.of(first, second))
                        .allMatch(peer -> peer.kernel().state() == KernelSocket.ESTABLISHED);
            }
        }
    }
}
