package blackhole.middlebox.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Cidr;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.config.WhenFull;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.middlebox.flow.FlowState;
import blackhole.middlebox.wire.Rig.Pair;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A flow table with room for so many, and what becomes of one more. */
class FullTableIT {
    @Test
    void fullTableExpiresTheLeastRecentlyActiveFlowForTheNewOne() throws Exception {
        try (Rig rig = Rig.start(box -> box.with(Setting.MAX_FLOWS, 2))) {
            Pair first = rig.connect();
            Pair second = rig.connect();
            second.exchange();
            Rig.idleFor(Duration.ofMillis(50));
            first.exchange();
            long idOfSecond = rig.idOf(second);

            Pair third = rig.connect();

            FlowExpired expired = rig.await(FlowExpired.class, event -> true);
            assertThat(expired.flowId()).isEqualTo(idOfSecond);
            assertThat(expired.cause()).isEqualTo(ExpiryCause.TABLE_FULL);
            Rig.assertSilent(second.client(), second.upstream());
            third.exchange();
            first.exchange();
            assertThat(rig.events(FlowExpired.class)).hasSize(1);
        }
    }

    @Test
    void fullTableLeavesSynUnansweredUntilThereIsRoom() throws Exception {
        try (Rig rig = Rig.start(box -> box.with(Setting.MAX_FLOWS, 1).with(Setting.WHEN_FULL, WhenFull.IGNORE))) {
            Pair first = rig.connect();
            first.exchange();

            Socket impatient = rig.socket();
            assertThatThrownBy(() -> impatient.connect(rig.proxy.address(), (int) Rig.MOMENT.toMillis()))
                    .isInstanceOf(SocketTimeoutException.class);
            Future<Pair> second = rig.connectLater();
            Rig.idleFor(Rig.MOMENT);
            assertThat(second).isNotDone();
            first.client().close();
            first.upstream().close();

            second.get(Rig.LONG.toSeconds(), TimeUnit.SECONDS).exchange();
            assertThat(rig.events(FlowExpired.class)).isEmpty();
        }
    }

    @Test
    void burstOfClientsDoesNotExceedTheTableThatIgnoresNewFlows() throws Exception {
        int room = 5;
        int clients = 40;
        try (Rig rig = Rig.start(box -> box.with(Setting.MAX_FLOWS, room).with(Setting.WHEN_FULL, WhenFull.IGNORE))) {
            List<Future<Pair>> connecting = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                connecting.add(rig.connectLater());
            }
            rig.await(FlowOpened.class, event -> rig.events(FlowOpened.class).count() >= room);

            // Clients that the kernel had accepted before the table was full are met with silence.
            await().pollDelay(Rig.MOMENT).atMost(Rig.LONG).until(() -> rig.proxy.flows().stream()
                    .noneMatch(flow -> flow.state() == FlowState.CONNECTING));
            assertThat(rig.proxy.flows())
                    .filteredOn(flow -> flow.state() == FlowState.LIVE)
                    .hasSize(room);
            assertThat(rig.events(FlowExpired.class))
                    .allSatisfy(event -> assertThat(event.cause()).isEqualTo(ExpiryCause.TABLE_FULL));
        }
    }

    @Test
    void clientsThatTheFaultsAreNotForTakeNoRoom() throws Exception {
        try (Rig rig = Rig.start(
                box -> box.with(Setting.MAX_FLOWS, 1).with(Setting.ONLY_CLIENTS, List.of(Cidr.parse("127.0.0.2"))))) {
            Pair first = rig.connectFrom("127.0.0.2");
            first.exchange();
            for (int i = 0; i < 3; i++) {
                rig.connectFrom("127.0.0.1").exchange();
            }
            first.exchange();
            assertThat(rig.events(FlowExpired.class)).isEmpty();
            long idOfFirst = rig.idOf(first);

            rig.connectFrom("127.0.0.2").exchange();

            assertThat(rig.await(FlowExpired.class, event -> true).flowId()).isEqualTo(idOfFirst);
        }
    }

    @Test
    void clientsOfRouteWithoutUpstreamTakeNoRoom() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
                Middlebox proxy = Middlebox.builder()
                        .route("0=127.0.0.1:" + server.getLocalPort())
                        .route("0=none")
                        .with(Setting.MAX_FLOWS, 1)
                        .start();
                Socket client = connect(proxy, 0)) {
            await().until(() -> proxy.flows().stream().anyMatch(flow -> flow.state() == FlowState.LIVE));

            try (Socket nowhere = connect(proxy, 1);
                    Socket alsoNowhere = connect(proxy, 1)) {
                await().until(() -> proxy.flows().size() == 3);

                assertThat(proxy.flows())
                        .filteredOn(flow -> flow.state() == FlowState.LIVE)
                        .singleElement()
                        .satisfies(flow ->
                                assertThat(flow.client().peer().getPort()).isEqualTo(client.getLocalPort()));
                assertThat(nowhere.isConnected() && alsoNowhere.isConnected()).isTrue();
            }
        }
    }

    private static Socket connect(Middlebox proxy, int route) throws Exception {
        return new Socket(
                proxy.addresses().get(route).getAddress(),
                proxy.addresses().get(route).getPort());
    }
}
