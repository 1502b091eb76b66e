package blackhole.middlebox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.middlebox.flow.FlowEvent.UpstreamUnreachable;
import blackhole.middlebox.flow.FlowState;
import blackhole.support.RawPeer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ConnectIT {
    @Test
    void refusedUpstreamResetsTheClientAndIsToldOnce() throws Exception {
        List<FlowEvent> events = new CopyOnWriteArrayList<>();
        int port = closedPort();
        try (Middlebox proxy = Middlebox.builder()
                .route("0=127.0.0.1:" + port)
                .listener(events::add)
                .start()) {

            assertThatThrownBy(() -> connectAndReceive(proxy))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");

            awaitNoFlows(proxy);
            assertThat(events).singleElement().isInstanceOfSatisfying(UpstreamUnreachable.class, event -> {
                assertThat(event.upstream()).isEqualTo(new Endpoint("127.0.0.1", port));
                assertThat(event.reason()).contains("refused").doesNotContain("\n");
            });
        }
    }

    @Test
    void unresolvableUpstreamResetsTheClientAndIsToldOnce() throws Exception {
        List<FlowEvent> events = new CopyOnWriteArrayList<>();
        try (Middlebox proxy = Middlebox.builder()
                .route("0=no-such-host.invalid:9092")
                .listener(events::add)
                .start()) {

            assertThatThrownBy(() -> connectAndReceive(proxy))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");

            awaitNoFlows(proxy);
            assertThat(events).singleElement().isInstanceOfSatisfying(UpstreamUnreachable.class, event -> assertThat(
                            event.reason())
                    .contains("no-such-host.invalid"));
        }
    }

    @Test
    void upstreamThatDoesNotAnswerResetsTheClientAfterTheConnectTimeout() throws Exception {
        try (Rig rig = Rig.start(settings -> settings.connectTimeout(Duration.ofMillis(300)))) {
            rig.kernelOfServer().ignoreConnectionAttempts();
            RawPeer client = rig.connect();

            assertThatThrownBy(() -> client.receive(1))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");

            assertThat(rig.awaitOne(UpstreamUnreachable.class).reason()).contains("timed out");
        }
    }

    @Test
    void earlyBytesAndFinAreDeliveredOnceTheUpstreamIsConnected() throws Exception {
        try (Rig rig = Rig.start()) {
            rig.kernelOfServer().ignoreConnectionAttempts();
            RawPeer client = rig.connect();
            client.send("early");
            client.finish();
            awaitConnecting(rig);

            rig.kernelOfServer().answerConnectionAttempts();
            RawPeer upstream = rig.accept();

            assertThat(upstream.receiveAll()).isEqualTo("early");
            upstream.send("late answer");
            upstream.finish();
            assertThat(client.receiveAll()).isEqualTo("late answer");
        }
    }

    @Test
    void earlyBytesWithoutFinAreDeliveredToo() throws Exception {
        try (Rig rig = Rig.start()) {
            rig.kernelOfServer().ignoreConnectionAttempts();
            RawPeer client = rig.connect();
            client.send("early");
            awaitConnecting(rig);

            rig.kernelOfServer().answerConnectionAttempts();
            RawPeer upstream = rig.accept();

            assertThat(upstream.receive(5)).isEqualTo("early");
        }
    }

    @Test
    void clientThatResetsWhileTheUpstreamIsConnectingLeavesNothing() throws Exception {
        try (Rig rig = Rig.start()) {
            rig.kernelOfServer().ignoreConnectionAttempts();
            RawPeer client = rig.connect();
            client.send("early");
            awaitConnecting(rig);

            client.reset();
            rig.awaitNoFlows();
            rig.kernelOfServer().answerConnectionAttempts();

            rig.open().greet();
            assertNobodyConnects(rig);
            assertThat(rig.count(FlowOpened.class)).isEqualTo(1);
            assertThat(rig.count(UpstreamUnreachable.class)).isZero();
        }
    }

    @Test
    void clientThatClosesWhileTheUpstreamIsConnectingLeavesNothing() throws Exception {
        try (Rig rig = Rig.start()) {
            rig.kernelOfServer().ignoreConnectionAttempts();
            RawPeer client = rig.connect();
            awaitConnecting(rig);

            client.close();
            rig.kernelOfServer().answerConnectionAttempts();
            RawPeer upstream = rig.accept();

            assertThat(upstream.receiveAll()).isEmpty();
            upstream.close();
            rig.awaitNoFlows();
        }
    }

    @Test
    void flowThatIsConnectingInAnOutageConnectsAfterIt() throws Exception {
        try (Rig rig = Rig.start()) {
            rig.kernelOfServer().ignoreConnectionAttempts();
            RawPeer client = rig.connect();
            client.send("early");
            awaitConnecting(rig);

            rig.proxy().outage(true);
            rig.kernelOfServer().answerConnectionAttempts();
            assertThat(rig.awaitOne(FlowExpired.class).cause()).isEqualTo(ExpiryCause.OUTAGE);
            assertNobodyConnects(rig);
            assertThat(rig.proxy().flows()).singleElement().satisfies(flow -> assertThat(flow.state())
                    .isEqualTo(FlowState.BLACKHOLED));
            rig.proxy().outage(false);

            assertThat(rig.accept().receive(5)).isEqualTo("early");
            assertThat(rig.count(UpstreamUnreachable.class)).isZero();
        }
    }

    /** For longer than the kernel waits before it retransmits a SYN the first time, 1 s. */
    private static void assertNobodyConnects(Rig rig) throws IOException {
        rig.server().setSoTimeout(2_500);
        assertThatThrownBy(rig::accept).isInstanceOf(SocketTimeoutException.class);
        rig.server().setSoTimeout((int) Rig.PATIENCE.toMillis());
    }

    /** Either fails with the reset, which can come before connecting has returned. */
    private static void connectAndReceive(Middlebox proxy) throws IOException {
        try (RawPeer client = RawPeer.connect(proxy.address())) {
            client.receive(1);
        }
    }

    private static void awaitConnecting(Rig rig) {
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(rig.proxy().flows()).singleElement().satisfies(flow -> {
                            assertThat(flow.state()).isEqualTo(FlowState.CONNECTING);
                            assertThat(flow.upstream().peer()).isNull();
                            assertThat(flow.toExpiry()).isNull();
                        }));
    }

    private static void awaitNoFlows(Middlebox proxy) {
        Awaitility.await().until(() -> proxy.flows().isEmpty());
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }
}
