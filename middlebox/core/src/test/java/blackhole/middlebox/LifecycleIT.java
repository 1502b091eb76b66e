package blackhole.middlebox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.config.UsageException;
import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.FlowEvent.ClosedBy;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowState;
import blackhole.support.KernelSocket;
import blackhole.support.OwnThread;
import blackhole.support.RawPeer;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class LifecycleIT {
    @Test
    void closeFinishesBothSidesOfLiveFlows() throws Exception {
        try (Rig rig = Rig.start()) {
            Rig.Pair flow = rig.open();
            flow.greet();

            Future<Void> closing = OwnThread.run(() -> rig.proxy().close());

            assertThat(flow.client().receiveAll()).isEmpty();
            assertThat(flow.upstream().receiveAll()).isEmpty();
            flow.client().close();
            flow.upstream().close();
            closing.get(2, TimeUnit.SECONDS);
            FlowClosed closed = rig.awaitOne(FlowClosed.class);
            assertThat(closed.how()).isEqualTo(CloseReason.SHUTDOWN);
            assertThat(closed.by()).isEqualTo(ClosedBy.MIDDLEBOX);
            assertThatThrownBy(rig::connect).isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void closeDoesNotWaitLongForPeersThatStay() throws Exception {
        try (Rig rig = Rig.start()) {
            rig.open().greet();

            long begin = System.nanoTime();
            rig.proxy().close();

            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
            assertThat(rig.count(FlowClosed.class)).isEqualTo(1);
            assertThat(rig.proxy().flows()).isEmpty();
            rig.proxy().close();
        }
    }

    @Test
    void flowThatExpiresDuringCloseIsClosedAndReported() throws Exception {
        try (Rig rig = Rig.start(proxy -> proxy.idleTimeout(Duration.ofMillis(500)))) {
            rig.open().greet();

            rig.proxy().close();

            assertThat(rig.count(FlowExpired.class)).isEqualTo(1);
            assertThat(rig.awaitOne(FlowClosed.class).how()).isEqualTo(CloseReason.SHUTDOWN);
        }
    }

    @Test
    void closeWhileFlowsComeAndGoEnds() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (Rig rig =
                    Rig.start(settings -> settings.config(MiddleboxConfig.DEFAULT.with(Setting.MAX_FLOWS, 1_000)))) {
                Future<Void> comingAndGoing = OwnThread.run(() -> {
                    try {
                        while (true) {
                            RawPeer client = rig.connect();
                            rig.accept();
                            client.reset();
                        }
                    } catch (IOException e) {
                        // The proxy does not listen any more.
                    }
                });
                rig.await(FlowClosed.class, 3);

                OwnThread.run(() -> rig.proxy().close()).get(10, TimeUnit.SECONDS);

                rig.server().close();
                comingAndGoing.get(10, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void closeOnAnInterruptedThreadEndsTheProxy() throws Exception {
        try (Rig rig = Rig.start()) {
            Rig.Pair flow = rig.open();
            flow.client().close();
            flow.upstream().close();
            rig.awaitNoFlows();

            Thread.currentThread().interrupt();
            rig.proxy().close();

            assertThat(Thread.interrupted()).as("stays interrupted").isTrue();
            Awaitility.await().until(() -> relayThreads() == 0);
        }
    }

    @Test
    void startOnAUsedPortFailsAndLeavesNothingBehind() throws Exception {
        try (Rig rig = Rig.start()) {
            int used = rig.server().getLocalPort();
            assertThatThrownBy(() -> startOn(used)).isInstanceOf(UsageException.class);
            int descriptorsBefore = KernelSocket.openDescriptors();
            long threadsBefore = relayThreads();

            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(() -> startOn(used))
                        .isInstanceOf(UsageException.class)
                        .hasMessageStartingWith("route: ")
                        .hasMessageContaining("127.0.0.1:" + used)
                        .hasMessageContaining("in use");
            }

            Awaitility.await().untilAsserted(() -> {
                assertThat(relayThreads()).isLessThanOrEqualTo(threadsBefore);
                assertThat(KernelSocket.openDescriptors()).isLessThanOrEqualTo(descriptorsBefore);
            });
        }
    }

    private static void startOn(int port) {
        Middlebox.builder()
                .route("0=127.0.0.1:9")
                .route(port + "=127.0.0.1:9")
                .start()
                .close();
    }

    private static long relayThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("blackhole-relay"))
                .count();
    }

    @Test
    void listenerThatThrowsIsReportedAndHarmsNeitherFlowsNorTheClock() throws Exception {
        NoSuchMethodError error = new NoSuchMethodError("thrown by a test's listener");
        try (Rig rig = Rig.start(proxy -> proxy.idleTimeout(Duration.ofMillis(800))
                .listener(event -> {
                    throw error;
                })
                .listener(event -> {
                    throw new IllegalStateException("thrown by another");
                }))) {
            assertThat(rig.proxy().failure()).isEmpty();
            rig.open().greet();
            rig.await(FlowExpired.class, 1);
            rig.open().greet();
            rig.await(FlowExpired.class, 2);

            Awaitility.await()
                    .untilAsserted(() -> assertThat(rig.proxy().failure()).hasValueSatisfying(failure -> {
                        assertThat(failure.task()).isEqualTo("listener of FlowOpened");
                        assertThat(failure.cause()).isSameAs(error);
                        assertThat(failure.count()).isEqualTo(8);
                    }));
        }
    }

    @Test
    void listenerMayNotAskForTheFlows() throws Exception {
        List<Throwable> thrown = new CopyOnWriteArrayList<>();
        CompletableFuture<Middlebox> started = new CompletableFuture<>();
        try (Rig rig = Rig.start(settings -> settings.listener(event -> {
            try {
                started.join().flows();
            } catch (RuntimeException e) {
                thrown.add(e);
            }
        }))) {
            started.complete(rig.proxy());

            rig.open().greet();

            assertThat(thrown).singleElement().isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void flowTableShowsLiveFlows() throws Exception {
        try (Rig rig = Rig.start(proxy -> proxy.idleTimeout(Duration.ofSeconds(1)))) {
            Rig.Pair first = rig.open();
            first.greet();

            assertThat(rig.proxy().flows()).singleElement().satisfies(flow -> {
                assertThat(flow.id()).isEqualTo(1);
                assertThat(flow.state()).isEqualTo(FlowState.LIVE);
                assertThat(flow.client().local()).isEqualTo(rig.proxy().address());
                assertThat(flow.client().peer()).isEqualTo(first.client().address());
                assertThat(flow.upstream().peer()).isEqualTo(first.upstream().address());
                assertThat(flow.openedAt()).isBeforeOrEqualTo(Instant.now());
                assertThat(flow.idle()).isLessThan(Duration.ofSeconds(1));
                assertThat(flow.expiry()).isNull();
                assertThat(flow.client().bytesReceived()).isEqualTo(4);
                assertThat(flow.client().segmentsDiscarded()).isZero();
            });
        }
    }
}
