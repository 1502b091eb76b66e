package blackhole.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.config.UsageException;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.middlebox.flow.Leg;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

class BlackholeExtensionTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private static ServerSocket listen() {
        try {
            return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static BlackholeExtension.Builder before(ServerSocket server) {
        return BlackholeExtension.builder().upstream(() -> "127.0.0.1", server::getLocalPort);
    }

    private static Socket connect(BlackholeExtension nat) throws IOException {
        return new Socket(nat.address().getAddress(), nat.address().getPort());
    }

    /** Tests that pass, with a proxy each. */
    @Nested
    class InAnInstanceField {
        @AutoClose
        final ServerSocket server = listen();

        @RegisterExtension
        final BlackholeExtension nat = before(server).build();

        @Test
        void expiryIsCommandedAndAwaited() throws IOException {
            try (Socket client = connect(nat)) {
                FlowOpened opened = nat.awaitOpened(LONG);
                List<Long> expired = nat.expire();
                client.getOutputStream().write(1);

                assertThat(expired).containsExactly(opened.flowId());
                assertThat(nat.awaitExpired(LONG).cause()).isEqualTo(ExpiryCause.COMMAND);
                assertThat(nat.awaitDiscarded(2, LONG).leg()).isEqualTo(Leg.CLIENT);
                assertThat(nat.heal()).containsExactly(opened.flowId());
                assertThat(nat.awaitHealed(LONG).flowId()).isEqualTo(opened.flowId());
                assertThat(nat.flows()).hasSize(1);
                assertThat(nat.reset()).containsExactly(opened.flowId());
                assertThat(nat.awaitClosed(LONG).how()).isEqualTo(FlowEvent.CloseReason.COMMAND);
            }
        }

        @Test
        void parametersAreInjected(Middlebox proxy, List<FlowEvent> events) throws IOException {
            try (Socket client = connect(nat)) {
                nat.awaitOpened(LONG);

                assertThat(client.isConnected()).isTrue();
                assertThat(proxy).isSameAs(nat.proxy());
                assertThat(events).hasSize(1).hasOnlyElementsOfType(FlowOpened.class);
                assertThat(nat.hostAndPort())
                        .isEqualTo("127.0.0.1:" + proxy.address().getPort());
            }
        }

        @Test
        void severalFlowsAreAwaited() throws IOException {
            try (Socket first = connect(nat);
                    Socket second = connect(nat)) {
                nat.await(FlowOpened.class, opened -> opened.client().getPort() == first.getLocalPort(), LONG);
                nat.await(FlowOpened.class, opened -> opened.client().getPort() == second.getLocalPort(), LONG);
                nat.expire();

                assertThat(nat.awaitExpired(2, LONG))
                        .extracting(FlowExpired::flowId)
                        .containsExactlyInAnyOrder(1L, 2L);
            }
        }

        @Test
        void outageLastsUntilItIsEnded() throws IOException {
            try (Socket client = connect(nat)) {
                nat.awaitOpened(LONG);
                nat.outage(true);
                client.getOutputStream().write(1);
                nat.awaitDiscarded(1, LONG);

                assertThat(nat.report()).contains(", outage\n");

                nat.outage(false);
                nat.awaitHealed(LONG);
            }
        }

        @Test
        void packetOfExpiredFlowIsAnsweredIfTheBoxDoesThat() throws IOException {
            nat.reconfigure(box -> box.with(Setting.ON_EXPIRY, OnExpiry.RESET_SENDER));
            try (Socket client = connect(nat)) {
                nat.awaitOpened(LONG);
                nat.expire();
                client.getOutputStream().write(1);

                assertThat(nat.awaitResetSent(LONG).leg()).isEqualTo(Leg.CLIENT);
            }
        }

        @Test
        void waitingInVainFailsWithTheFlowReport() throws IOException {
            try (Socket client = connect(nat)) {
                nat.awaitOpened(LONG);

                assertThatThrownBy(() -> nat.awaitExpired(Duration.ofMillis(20)))
                        .isInstanceOf(AssertionError.class)
                        .hasMessageStartingWith("no flow expired within 20ms\nblackhole proxy 127.0.0.1:")
                        .hasMessageContaining("on expiry drop\n")
                        .hasMessageContaining("127.0.0.1:" + client.getLocalPort())
                        .hasMessageContaining("flow 1 opened: ");
            }
        }
    }

    /** Tests that pass, in an order that does not matter: each leaves a mess that the other must not see. */
    @Nested
    class InAStaticField {
        @AutoClose
        static final ServerSocket SERVER = listen();

        @RegisterExtension
        static final BlackholeExtension NAT =
                before(SERVER).profile("aws-nlb").idleTimeout(LONG).build();

        static final List<Integer> PORTS = new ArrayList<>();

        @BeforeEach
        void isAsNew() {
            PORTS.add(NAT.address().getPort());
            assertThat(NAT.proxy().hasOutage()).isFalse();
            assertThat(NAT.events()).isEmpty();
            assertThat(NAT.proxy().middlebox())
                    .isEqualTo(MiddleboxConfig.DEFAULT
                            .with(Setting.ON_EXPIRY, OnExpiry.RESET_CLIENT)
                            .with(Setting.IDLE_TIMEOUT, LONG));
        }

        @AfterEach
        void leaveMess() throws IOException {
            try (Socket client = connect(NAT)) {
                NAT.awaitOpened(LONG);
                NAT.reconfigure(box -> box.with(Setting.IDLE_TIMEOUT, Duration.ofDays(1)));
                NAT.outage(true);
                assertThat(client.isConnected()).isTrue();
            }
        }

        @Test
        void oneProxyServesAll() {
            assertThat(PORTS).containsOnly(NAT.address().getPort());
        }

        @Test
        void oneProxyServesAllOfThem() {
            assertThat(PORTS).containsOnly(NAT.address().getPort());
        }

        @Nested
        class AndANestedClass {
            @Test
            void hasTheSameProxy() {
                assertThat(PORTS).containsOnly(NAT.address().getPort());
            }
        }
    }

    /** Run by {@link #failure()} alone: a test that fails, with a client that is still connected. */
    static class Failing {
        static Middlebox proxy;

        @AutoClose
        final ServerSocket server = listen();

        @RegisterExtension
        final BlackholeExtension nat = before(server).build();

        private Socket client;

        @Test
        void fails() throws IOException {
            proxy = nat.proxy();
            client = connect(nat);
            nat.awaitOpened(LONG);
            nat.expire();
            throw new IllegalStateException("on purpose");
        }

        @AfterEach
        void closeClient() throws IOException {
            client.close();
        }
    }

    /** Run by {@link #upstreamIsAskedForAtTheStart()} alone. */
    static class WithoutUpstream {
        static final AtomicInteger ASKED = new AtomicInteger();

        @RegisterExtension
        final BlackholeExtension nat = BlackholeExtension.builder()
                .upstream(() -> "nonsense" + ASKED.incrementAndGet())
                .build();

        @Test
        void neverRuns() {
            throw new AssertionError("the proxy can't have started");
        }
    }

    /** Run by {@link #failureOfAnEarlierExtensionLeavesTheProxyToTheOthers()} alone. */
    static class AfterAnExtensionThatFails {
        static final AtomicInteger CLASSES = new AtomicInteger();
        static final AtomicInteger TESTS = new AtomicInteger();
        static final Set<Middlebox> PROXIES = new HashSet<>();

        @Order(1)
        @RegisterExtension
        static final BeforeAllCallback FAILS_IN_THE_FIRST_CLASS = context -> failFirst(CLASSES);

        @Order(2)
        @RegisterExtension
        static final BeforeEachCallback FAILS_IN_THE_FIRST_TEST = context -> failFirst(TESTS);

        @RegisterExtension
        static final BlackholeExtension NAT =
                BlackholeExtension.builder().upstream("none").build();

        private static void failFirst(AtomicInteger calls) {
            if (calls.incrementAndGet() == 1) {
                throw new IllegalStateException("on purpose");
            }
        }

        @RepeatedTest(3)
        void isAsNewAndLeavesAMess() {
            PROXIES.add(NAT.proxy());
            assertThat(NAT.proxy().hasOutage()).isFalse();
            NAT.outage(true);
        }
    }

    @Test
    void failureOfAnEarlierExtensionLeavesTheProxyToTheOthers() {
        Events failedClass = run(AfterAnExtensionThatFails.class);
        Events failedTest = run(AfterAnExtensionThatFails.class);

        failedClass.assertStatistics(statistics -> statistics.started(0));
        failedTest.assertStatistics(statistics -> statistics.started(3).succeeded(2));
        assertThat(AfterAnExtensionThatFails.PROXIES).hasSize(1).allSatisfy(proxy -> assertThatThrownBy(
                        () -> new Socket("127.0.0.1", proxy.address().getPort()))
                .hasMessageContaining("refused"));
    }

    @Test
    void failure() {
        PrintStream original = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
        Events tests;
        try {
            tests = run(Failing.class);
        } finally {
            System.setErr(original);
        }

        tests.assertStatistics(statistics -> statistics.started(1).failed(1));
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .containsOnlyOnce("fails() failed; blackhole proxy 127.0.0.1:")
                .contains("blackholed", "command", "flow 1 expired by command")
                .doesNotContain("flow 1 reset");
        int port = Failing.proxy.address().getPort();
        assertThatThrownBy(() -> new Socket("127.0.0.1", port)).hasMessageContaining("refused");
    }

    @Test
    void upstreamIsAskedForAtTheStart() {
        Events tests = run(WithoutUpstream.class);

        tests.assertStatistics(statistics -> statistics.started(1).failed(1));
        assertThat(WithoutUpstream.ASKED).hasValue(1);
    }

    private static Events run(Class<?> testClass) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(testClass))
                .execute()
                .testEvents();
    }

    @Test
    void mistakesInTheSettingsAreTold() {
        assertThatThrownBy(() -> BlackholeExtension.builder().build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("upstream is missing");
        assertThatThrownBy(() -> BlackholeExtension.builder().profile("aws-nbl"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("did you mean aws-nlb?");
        assertThatThrownBy(() ->
                        BlackholeExtension.builder().upstream("none").build().address())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("@RegisterExtension");
    }
}
