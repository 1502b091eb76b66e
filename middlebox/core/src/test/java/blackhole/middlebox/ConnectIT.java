package blackhole.middlebox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectIT {
    @Test
    void refusedUpstreamResetsTheClientAndIsReportedOnce() throws Exception {
        ServerSocket closed = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        int port = closed.getLocalPort();
        closed.close();

        UpstreamUnreachable event = connectInVain("127.0.0.1:" + port);

        assertThat(event.upstream()).isEqualTo(new Endpoint("127.0.0.1", port));
        assertThat(event.reason()).contains("refused").doesNotContain("\n");
    }

    @Test
    void unresolvableUpstreamResetsTheClientAndIsReportedOnce() throws Exception {
        assertThat(connectInVain("no-such-host.invalid:9092").reason()).contains("no-such-host.invalid");
    }

    private static UpstreamUnreachable connectInVain(String upstream) {
        List<FlowEvent> events = new CopyOnWriteArrayList<>();
        try (Middlebox proxy =
                Middlebox.builder().route("0=" + upstream).listener(events::add).start()) {
            // Either fails with the reset, which can come before connecting has returned.
            assertThatThrownBy(() -> {
                        try (RawPeer client = RawPeer.connect(proxy.address())) {
                            client.receive(1);
                        }
                    })
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");

            Awaitility.await().until(() -> proxy.flows().isEmpty());
            assertThat(events).singleElement().isInstanceOf(UpstreamUnreachable.class);
            return (UpstreamUnreachable) events.get(0);
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

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void earlyBytesAndFinAreDeliveredOnceTheUpstreamIsConnected(boolean fin) throws Exception {
        try (Rig rig = Rig.start()) {
            RawPeer client = connectWithoutAnswer(rig);
            client.send("early");
            if (fin) {
                client.finish();
            }

            rig.kernelOfServer().answerConnectionAttempts();
            RawPeer upstream = rig.accept();

            assertThat(fin ? upstream.receiveAll() : upstream.receive(5)).isEqualTo("early");
            upstream.send("late answer");
            upstream.finish();
            assertThat(client.receiveAll()).isEqualTo("late answer");
        }
    }

    @Test
    void resetWhileTheUpstreamIsConnectingIsPassedOnBehindTheBytesBeforeIt() throws Exception {
        try (Rig rig = Rig.start()) {
            RawPeer client = connectWithoutAnswer(rig);
            client.send("early");
            client.reset();

            rig.kernelOfServer().answerConnectionAttempts();
            RawPeer upstream = rig.accept();

            assertThat(upstream.receive(5)).isEqualTo("early");
            assertThat(upstream.awaitFailure()).hasMessageContaining("reset");
            rig.awaitNoFlows();
            assertThat(rig.awaitOne(FlowClosed.class).how()).isEqualTo(CloseReason.RESET);
        }
    }

    /** Whether the upstream is connected by then depends on chance, so this needs many clients. */
    @Test
    void clientThatSendsAndResetsAtOnceReachesTheUpstreamAsIfItWasDirect() throws Exception {
        try (Rig rig = Rig.start()) {
            for (int i = 0; i < 50; i++) {
                RawPeer client = rig.connect();
                client.send("x".repeat(1000));
                client.reset();
                RawPeer upstream = rig.accept();

                assertThat(upstream.receive(1000)).hasSize(1000);
                assertThat(upstream.awaitFailure()).hasMessageContaining("reset");
            }
            rig.awaitNoFlows();
        }
    }

    @Test
    void clientThatClosesWhileTheUpstreamIsConnectingLeavesNothing() throws Exception {
        try (Rig rig = Rig.start()) {
            RawPeer client = connectWithoutAnswer(rig);

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
            RawPeer client = connectWithoutAnswer(rig);
            client.send("early");

            rig.proxy().outage(true);
            rig.kernelOfServer().answerConnectionAttempts();
            assertThat(rig.awaitOne(FlowExpired.class).cause()).isEqualTo(ExpiryCause.OUTAGE);
            assertNoConnection(rig);
            assertThat(rig.proxy().flows()).singleElement().satisfies(flow -> assertThat(flow.state())
                    .isEqualTo(FlowState.BLACKHOLED));
            rig.proxy().outage(false);

            assertThat(rig.accept().receive(5)).isEqualTo("early");
            assertThat(rig.count(UpstreamUnreachable.class)).isZero();
        }
    }

    /** Waits longer than the kernel does before it first retransmits a SYN, 1 s. */
    private static void assertNoConnection(Rig rig) throws IOException {
        rig.server().setSoTimeout(2_500);
        assertThatThrownBy(rig::accept).isInstanceOf(SocketTimeoutException.class);
        rig.server().setSoTimeout((int) Rig.PATIENCE.toMillis());
    }

    /** A client whose upstream does not answer yet. */
    private static RawPeer connectWithoutAnswer(Rig rig) throws IOException {
        rig.kernelOfServer().ignoreConnectionAttempts();
        RawPeer client = rig.connect();
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(rig.proxy().flows()).singleElement().satisfies(flow -> {
                            assertThat(flow.state()).isEqualTo(FlowState.CONNECTING);
                            assertThat(flow.upstream().peer()).isNull();
                            assertThat(flow.toExpiry()).isNull();
                        }));
        return client;
    }
}
