package blackhole.junit;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.THROWABLE;
import static org.awaitility.Awaitility.await;
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
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

class BlackholeExtensionTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private static ServerSocket server;

    @BeforeAll
    static void listen() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    @AfterAll
    static void closeServer() throws IOException {
        server.close();
    }

    private static BlackholeExtensionBuilder beforeServer() {
        return BlackholeExtension.builder().upstream(() -> "127.0.0.1", () -> server.getLocalPort());
    }

    private static Socket connect(BlackholeExtension nat) throws IOException {
        return new Socket(nat.address().getAddress(), nat.address().getPort());
    }

    /** Each test has its own middlebox. */
    @Nested
    class InAnInstanceField {
        @RegisterExtension
        final BlackholeExtension nat = beforeServer().build();

        @Test
        void flowExpiresByCommand() throws IOException {
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
        void parametersAreInjected(Middlebox middlebox, List<FlowEvent> events) throws IOException {
            try (Socket client = connect(nat)) {
                nat.awaitOpened(LONG);

                assertThat(client.isConnected()).isTrue();
                assertThat(middlebox).isSameAs(nat.middlebox());
                assertThat(events).hasSize(1).hasOnlyElementsOfType(FlowOpened.class);
                assertThat(nat.hostAndPort())
                        .isEqualTo("127.0.0.1:" + middlebox.address().getPort());
            }
        }

        @Test
        void severalFlowsCanBeAwaited() throws IOException {
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
        void outageEndsOnCommand() throws IOException {
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
        void resetSenderAnswersThePacketOfAnExpiredFlow() throws IOException {
            nat.reconfigure(config -> config.with(Setting.ON_EXPIRY, OnExpiry.RESET_SENDER));
            try (Socket client = connect(nat)) {
                nat.awaitOpened(LONG);
                nat.expire();
                client.getOutputStream().write(1);

                assertThat(nat.awaitResetSent(LONG).leg()).isEqualTo(Leg.CLIENT);
            }
        }

        @Test
        void timedOutWaitFailsWithTheReport() throws IOException {
            try (Socket client = connect(nat)) {
                nat.awaitOpened(LONG);

                assertThatThrownBy(() -> nat.awaitExpired(Duration.ofMillis(20)))
                        .isInstanceOf(AssertionError.class)
                        .hasMessageStartingWith("no flow expired within 20ms\nmiddlebox 127.0.0.1:")
                        .hasMessageContaining("on expiry drop\n")
                        .hasMessageContaining("127.0.0.1:" + client.getLocalPort())
                        .hasMessageContaining("flow 1 opened: ");
            }
        }
    }

    /** Each test leaves a mess that the others must not see, in any order. */
    @Nested
    class InAStaticField {
        @RegisterExtension
        static final BlackholeExtension NAT =
                beforeServer().profile("aws-nlb").idleTimeout(LONG).build();

        static final List<Integer> PORTS = new ArrayList<>();

        @BeforeEach
        void startsClean() {
            PORTS.add(NAT.address().getPort());
            assertThat(NAT.middlebox().hasOutage()).isFalse();
            assertThat(NAT.events()).isEmpty();
            assertThat(NAT.middlebox().config())
                    .isEqualTo(MiddleboxConfig.DEFAULT
                            .with(Setting.ON_EXPIRY, OnExpiry.RESET_CLIENT)
                            .with(Setting.IDLE_TIMEOUT, LONG));
        }

        @AfterEach
        void leaveMess() throws IOException {
            try (Socket client = connect(NAT)) {
                NAT.awaitOpened(LONG);
                NAT.reconfigure(config -> config.with(Setting.IDLE_TIMEOUT, Duration.ofDays(1)));
                NAT.outage(true);
                assertThat(client.isConnected()).isTrue();
            }
        }

        @RepeatedTest(2)
        void everyTestUsesTheSameMiddlebox() {
            assertThat(PORTS).containsOnly(NAT.address().getPort());
        }

        @Nested
        class AndANestedClass {
            @Test
            void usesTheSameMiddlebox() {
                assertThat(PORTS).containsOnly(NAT.address().getPort());
            }
        }
    }

    /** Run only by {@link #failedTestPrintsTheReportOnce()}: fails while its client is connected. */
    static class Failing {
        static @Nullable Middlebox middlebox;

        @RegisterExtension
        final BlackholeExtension nat = beforeServer().build();

        private @Nullable Socket client;

        @Test
        void fails() throws IOException {
            middlebox = nat.middlebox();
            client = connect(nat);
            nat.awaitOpened(LONG);
            nat.expire();
            throw new IllegalStateException("on purpose");
        }

        @AfterEach
        void closeClient() throws IOException {
            if (client != null) {
                client.close();
            }
        }
    }

    /** Run only by {@link #upstreamIsResolvedWhenTheMiddleboxStarts()}. */
    static class WithoutUpstream {
        static final AtomicInteger ASKED = new AtomicInteger();

        @RegisterExtension
        final BlackholeExtension nat = BlackholeExtension.builder()
                .upstream(() -> "nonsense" + ASKED.incrementAndGet())
                .build();

        @Test
        void neverRuns() {
            throw new AssertionError("must not run");
        }
    }

    /** Run only by {@link #middleboxStaysUsableAfterAnEarlierExtensionFails()}. */
    static class AfterAnExtensionThatFails {
        static final AtomicInteger CLASSES = new AtomicInteger();
        static final AtomicInteger TESTS = new AtomicInteger();
        static final Set<Middlebox> MIDDLEBOXES = new HashSet<>();

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
        void startsCleanAndLeavesAMess() {
            MIDDLEBOXES.add(NAT.middlebox());
            assertThat(NAT.middlebox().hasOutage()).isFalse();
            NAT.outage(true);
        }
    }

    /** Run only by {@link #testsAreSkippedOnASystemWithoutSupportUnlessTheyMustRun(String, int, int)}. */
    static class WithOneTest {
        @RegisterExtension
        final BlackholeExtension nat = beforeServer().build();

        @Test
        void passesOnLinux() {}
    }

    /** Run only by {@link #backgroundFailureFailsTheRunningTestAndAllLaterOnes(Class)}. */
    static class WithFailingListener {
        @RegisterExtension
        final BlackholeExtension nat = beforeServer().build();

        @RepeatedTest(3)
        void passesOnItsOwn(RepetitionInfo repetition) throws IOException {
            if (repetition.getCurrentRepetition() == 2) {
                injectFailure(nat);
            }
        }
    }

    /** Run only by {@link #backgroundFailureFailsTheRunningTestAndAllLaterOnes(Class)}. */
    static class WithFailingListenerOfStaticMiddlebox {
        @RegisterExtension
        static final BlackholeExtension NAT = beforeServer().build();

        @RepeatedTest(3)
        void passesOnItsOwn(RepetitionInfo repetition) throws IOException {
            if (repetition.getCurrentRepetition() == 2) {
                injectFailure(NAT);
            }
        }
    }

    /** Run only by {@link #reportTellsTheFlowsOfEarlierTestsApart()}. */
    static class WithAFlowInEachTest {
        static final List<String> REPORTS = new ArrayList<>();
        static final List<Socket> CLIENTS = new ArrayList<>();

        @RegisterExtension
        static final BlackholeExtension NAT = beforeServer().build();

        @RepeatedTest(2)
        void opensAFlow() throws IOException {
            CLIENTS.add(connect(NAT));
            NAT.awaitOpened(LONG);
            REPORTS.add(NAT.report());
        }

        @AfterAll
        static void close() throws IOException {
            for (Socket client : CLIENTS) {
                client.close();
            }
        }
    }

    /** Run only by {@link #backgroundFailureAfterTheLastTestFailsTheClass()}. */
    static class WithFailureAfterTheLastTest {
        @RegisterExtension
        static final BlackholeExtension NAT = beforeServer().build();

        @Test
        void passes() {}

        @AfterAll
        static void injectFailureLate() throws IOException {
            injectFailure(NAT);
        }
    }

    private static void injectFailure(BlackholeExtension nat) throws IOException {
        nat.middlebox().addListener(event -> {
            throw new IllegalStateException("injected");
        });
        connect(nat).close();
        await().until(() -> nat.report().contains("threw java.lang.IllegalStateException: injected"));
    }

    @ParameterizedTest
    @ValueSource(classes = {WithFailingListener.class, WithFailingListenerOfStaticMiddlebox.class})
    void backgroundFailureFailsTheRunningTestAndAllLaterOnes(Class<?> testClass) {
        EngineExecutionResults results = run(testClass);

        results.testEvents()
                .assertStatistics(statistics -> statistics.started(3).succeeded(1));
        results.containerEvents().assertStatistics(statistics -> statistics.failed(0));
        assertThat(failures(results.testEvents()))
                .extracting(Throwable::getMessage)
                .satisfiesExactly(
                        running ->
                                assertThat(running).startsWith("the middlebox failed during this test, so the result"),
                        later -> assertThat(later).startsWith("the middlebox failed before this test, so the result"));
        assertThat(failures(results.testEvents()))
                .allSatisfy(failure -> assertThat(failure).hasRootCauseMessage("injected"));
    }

    @Test
    void backgroundFailureAfterTheLastTestFailsTheClass() {
        EngineExecutionResults results = run(WithFailureAfterTheLastTest.class);

        assertThat(failures(results.containerEvents()))
                .singleElement(as(THROWABLE))
                .hasMessageStartingWith("the middlebox failed outside the tests of this class")
                .hasRootCauseMessage("injected");
    }

    private static List<Throwable> failures(Events events) {
        return events.failed().stream()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class)
                        .getThrowable()
                        .orElseThrow())
                .toList();
    }

    @Test
    void middleboxStaysUsableAfterAnEarlierExtensionFails() {
        Events failedClass = run(AfterAnExtensionThatFails.class).testEvents();
        Events failedTest = run(AfterAnExtensionThatFails.class).testEvents();

        failedClass.assertStatistics(statistics -> statistics.started(0));
        failedTest.assertStatistics(statistics -> statistics.started(3).succeeded(2));
        assertThat(AfterAnExtensionThatFails.MIDDLEBOXES).hasSize(1).allSatisfy(middlebox -> assertThatThrownBy(
                        () -> new Socket("127.0.0.1", middlebox.address().getPort()))
                .hasMessageContaining("refused"));
    }

    @Test
    void failedTestPrintsTheReportOnce() {
        PrintStream original = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
        Events tests;
        try {
            tests = run(Failing.class).testEvents();
        } finally {
            System.setErr(original);
        }

        tests.assertStatistics(statistics -> statistics.started(1).failed(1));
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .containsOnlyOnce("fails() failed; middlebox 127.0.0.1:")
                .contains("blackholed", "command", "flow 1 expired by command")
                .doesNotContain("flow 1 reset");
        int port = Objects.requireNonNull(Failing.middlebox).address().getPort();
        assertThatThrownBy(() -> new Socket("127.0.0.1", port)).hasMessageContaining("refused");
    }

    @Test
    void reportTellsTheFlowsOfEarlierTestsApart() {
        run(WithAFlowInEachTest.class).testEvents().assertStatistics(statistics -> statistics.succeeded(2));

        assertThat(WithAFlowInEachTest.REPORTS.get(0)).doesNotContain("opened before this test");
        assertThat(WithAFlowInEachTest.REPORTS.get(1))
                .containsPattern("(?s)FLOW[^\n]*\n  2 .*opened before this test:\n  FLOW[^\n]*\n  1 ");
    }

    @Test
    void upstreamIsResolvedWhenTheMiddleboxStarts() {
        Events tests = run(WithoutUpstream.class).testEvents();

        tests.assertStatistics(statistics -> statistics.started(1).failed(1));
        assertThat(WithoutUpstream.ASKED).hasValue(1);
    }

    @ParameterizedTest
    @CsvSource({"skip, 1, 0", "fail, 0, 1"})
    void testsAreSkippedOnASystemWithoutSupportUnlessTheyMustRun(String choice, int aborted, int failed) {
        String os = System.setProperty("os.name", "Mac OS X");
        try {
            run(WithOneTest.class, choice)
                    .testEvents()
                    .assertStatistics(statistics -> statistics.aborted(aborted).failed(failed));
        } finally {
            System.setProperty("os.name", os);
        }
    }

    private static EngineExecutionResults run(Class<?> testClass) {
        return run(testClass, "skip");
    }

    private static EngineExecutionResults run(Class<?> testClass, String whenUnsupported) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(testClass))
                .configurationParameter(JUnitLifecycle.UNSUPPORTED, whenUnsupported)
                .execute();
    }

    @Test
    void mistakesInTheSettingsHaveClearMessages() {
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
