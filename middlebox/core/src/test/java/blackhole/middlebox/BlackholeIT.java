package blackhole.middlebox;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.Rig.Ip;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import blackhole.middlebox.flow.FlowState;
import blackhole.middlebox.flow.Leg;
import blackhole.support.Idle;
import blackhole.support.KernelSocket;
import blackhole.support.RawPeer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What distinguishes this proxy: these tests fail if legs only stop reading on expiry. */
class BlackholeIT {
    private static final Duration IDLE_TIMEOUT = Duration.ofMillis(800);

    @Test
    void peersOfAnExpiredFlowReceiveNothingForTenSeconds() throws Exception {
        try (Rig rig = Rig.start(proxy -> proxy.idleTimeout(IDLE_TIMEOUT));
                Rig rig6 = Rig.start(Ip.V6, proxy -> proxy.idleTimeout(IDLE_TIMEOUT))) {
            List<WaitingPeer> peers = new ArrayList<>();
            for (Rig each : List.of(rig, rig6)) {
                Rig.Pair flow = each.idledOut();
                peers.add(WaitingPeer.of(flow.client()));
                peers.add(WaitingPeer.of(flow.upstream()));
            }

            for (WaitingPeer waiting : peers) {
                waiting.peer.send("into the void");
            }
            Idle.idleFor(Duration.ofSeconds(10));

            assertThat(peers).allSatisfy(waiting -> {
                assertThat(waiting.kernel.segmentsIn())
                        .as("segments in, of any kind")
                        .isEqualTo(waiting.segmentsInBefore);
                assertThat(waiting.kernel.state()).isEqualTo(KernelSocket.ESTABLISHED);
                assertThat(waiting.kernel.unacknowledged()).isPositive();
                assertThat(waiting.kernel.retransmitted()).isBetween(3, 10);
                assertThat(waiting.peer.socket().getInputStream().available()).isZero();
            });
        }
    }

    private record WaitingPeer(RawPeer peer, KernelSocket kernel, int segmentsInBefore) {
        static WaitingPeer of(RawPeer peer) {
            return new WaitingPeer(peer, peer.kernel(), peer.kernel().segmentsIn());
        }
    }

    @ParameterizedTest
    @EnumSource
    void discardedSegmentsAreCountedFromOneWithGrowingGapsOnEitherLeg(Ip ip) throws Exception {
        try (Rig rig = Rig.start(ip, proxy -> proxy.idleTimeout(IDLE_TIMEOUT))) {
            Rig.Pair flow = rig.idledOut();

            flow.client().send("lost");
            flow.upstream().send("lost");
            rig.await(SegmentDiscarded.class, 10);

            for (Leg leg : Leg.values()) {
                assertRetransmissionSchedule(rig.events(SegmentDiscarded.class).stream()
                        .filter(discarded -> discarded.leg() == leg)
                        .toList());
            }
        }
    }

    /** The kernel doubles its retransmission timeout, after a tail loss probe or two that come sooner. */
    private static void assertRetransmissionSchedule(List<SegmentDiscarded> discarded) {
        assertThat(discarded.size()).isBetween(4, 7);
        assertThat(discarded)
                .extracting(SegmentDiscarded::number)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, discarded.size()).boxed().toList());
        assertThat(discarded.get(0).gap()).isNull();
        List<Duration> gaps =
                discarded.stream().skip(1).map(SegmentDiscarded::gap).toList();
        assertThat(gaps.subList(1, gaps.size())).isSorted();
        assertThat(gaps.get(gaps.size() - 1))
                .isGreaterThan(gaps.get(1).multipliedBy(3).dividedBy(2));
        assertThat(discarded).extracting(SegmentDiscarded::sinceExpiry).isSorted();
        assertThat(discarded.get(discarded.size() - 1).sinceExpiry())
                .isGreaterThanOrEqualTo(gaps.stream().reduce(Duration.ZERO, Duration::plus));
    }

    @Test
    void finAndResetOfAnExpiredFlowAreDiscarded() throws Exception {
        try (Rig rig = Rig.start(proxy -> proxy.idleTimeout(IDLE_TIMEOUT))) {
            Rig.Pair flow = rig.idledOut();
            KernelSocket upstream = flow.upstream().kernel();
            int before = upstream.segmentsIn();

            flow.client().reset();

            rig.awaitOne(SegmentDiscarded.class);
            Idle.idleFor(Duration.ofSeconds(1));
            assertThat(rig.count(FlowClosed.class)).isZero();
            assertThat(upstream.segmentsIn()).isEqualTo(before);
            assertThat(upstream.state()).isEqualTo(KernelSocket.ESTABLISHED);
            flow.upstream().finish();
            rig.await(SegmentDiscarded.class, 2);
            assertThat(rig.count(FlowClosed.class)).isZero();
        }
    }

    @Test
    void unansweredKeepaliveProbesEndThePeersConnection() throws Exception {
        try (Rig rig = Rig.start(proxy -> proxy.idleTimeout(IDLE_TIMEOUT))) {
            Rig.Pair flow = rig.idledOut();

            flow.client().keepAlive();

            // Idle 1 s, then 3 probes with a second between them.
            assertThat(flow.client().awaitFailure()).hasMessageContaining("Connection timed out");
            assertThat(rig.count(SegmentDiscarded.class)).isGreaterThanOrEqualTo(3);
        }
    }

    @Test
    void dualStackListenerExpiresIpv4Flows() throws Exception {
        try (Rig upstreams = Rig.start();
                Middlebox proxy = Middlebox.builder()
                        .route("[::]:0=localhost:" + upstreams.server().getLocalPort())
                        .idleTimeout(IDLE_TIMEOUT)
                        .start();
                RawPeer client = RawPeer.connect(
                        new InetSocketAddress("127.0.0.1", proxy.address().getPort()))) {
            RawPeer upstream = upstreams.accept();
            new Rig.Pair(client, upstream).greet();
            Awaitility.await().until(() -> proxy.flows().get(0).state() == FlowState.BLACKHOLED);
            KernelSocket kernel = client.kernel();
            int before = kernel.segmentsIn();

            client.send("lost");
            Idle.idleFor(Duration.ofSeconds(1));

            assertThat(kernel.segmentsIn()).isEqualTo(before);
            assertThat(kernel.unacknowledged()).isPositive();
        }
    }

    @Test
    void expiredFlowIsShownWithWhatItDiscarded() throws Exception {
        try (Rig rig = Rig.start(proxy -> proxy.idleTimeout(IDLE_TIMEOUT))) {
            Rig.Pair flow = rig.idledOut();
            flow.upstream().send("lost");
            rig.await(SegmentDiscarded.class, 2);

            assertThat(rig.proxy().flows()).singleElement().satisfies(tracked -> {
                assertThat(tracked.state()).isEqualTo(FlowState.BLACKHOLED);
                assertThat(tracked.toExpiry()).isNull();
                assertThat(tracked.expiry()).isNotNull();
                assertThat(tracked.upstream().segmentsDiscarded()).isGreaterThanOrEqualTo(2);
                assertThat(tracked.client().segmentsDiscarded()).isZero();
                assertThat(tracked.client().bytesReceived()).isEqualTo(4);
                assertThat(tracked.upstream().bytesReceived()).isEqualTo(4);
            });
        }
    }
}
