package blackhole.middlebox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import blackhole.middlebox.config.Setting;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.FlowEvent.ClosedBy;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import blackhole.middlebox.kernel.Kernel;
import blackhole.support.Idle;
import blackhole.support.KernelSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TombstoneIT {
    private static final Duration IDLE_TIMEOUT = Duration.ofMillis(800);

    @Test
    void tombstoneTimeEndsAnExpiredFlow() throws Exception {
        Duration tombstoneTime = Duration.ofMillis(500);
        try (Rig rig =
                Rig.start(proxy -> proxy.idleTimeout(IDLE_TIMEOUT).with(Setting.TOMBSTONE_TIME, tombstoneTime))) {
            rig.open().greet();

            FlowClosed closed = rig.awaitOne(FlowClosed.class);

            FlowExpired expired = rig.awaitOne(FlowExpired.class);
            assertThat(closed.how()).isEqualTo(CloseReason.TOMBSTONE_TIME);
            assertThat(closed.by()).isEqualTo(ClosedBy.MIDDLEBOX);
            assertThat(Duration.between(expired.at(), closed.at()))
                    .isBetween(tombstoneTime.minusMillis(2), Duration.ofSeconds(3));
            assertThat(rig.proxy().flows()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"TOMBSTONE_TIME", "SHUTDOWN"})
    void peersReceiveNothingWhenATombstoneEnds(CloseReason reason) throws Exception {
        assumeThat(Kernel.canCloseSilently())
                .as("sockets can be closed without a FIN: needs CAP_NET_ADMIN")
                .isTrue();
        boolean shutdown = reason == CloseReason.SHUTDOWN;
        try (Rig rig = Rig.start(proxy -> proxy.idleTimeout(IDLE_TIMEOUT)
                .with(Setting.TOMBSTONE_TIME, shutdown ? Rig.PATIENCE : Duration.ofMillis(200)))) {
            Rig.Pair flow = rig.idledOut();
            List<KernelSocket> peers =
                    List.of(flow.client().kernel(), flow.upstream().kernel());
            List<Integer> before = peers.stream().map(KernelSocket::segmentsIn).toList();

            if (shutdown) {
                rig.proxy().close();
            }
            assertThat(rig.awaitOne(FlowClosed.class).how()).isEqualTo(reason);
            Idle.idleFor(Duration.ofSeconds(1));

            assertThat(peers).extracting(KernelSocket::segmentsIn).isEqualTo(before);
            assertThat(peers).extracting(KernelSocket::state).containsOnly(KernelSocket.ESTABLISHED);
        }
    }

    @Test
    void discardedSegmentsExtendTheTombstoneTime() throws Exception {
        Duration tombstoneTime = Duration.ofMillis(1_200);
        try (Rig rig =
                Rig.start(proxy -> proxy.idleTimeout(IDLE_TIMEOUT).with(Setting.TOMBSTONE_TIME, tombstoneTime))) {
            Rig.Pair flow = rig.idledOut();

            flow.client().send("retransmitted after 0.2, 0.6, 1.4 seconds");

            FlowClosed closed = rig.awaitOne(FlowClosed.class);
            List<SegmentDiscarded> discarded = rig.events(SegmentDiscarded.class);
            assertThat(discarded).hasSizeGreaterThanOrEqualTo(3);
            assertThat(Duration.between(discarded.get(discarded.size() - 1).at(), closed.at()))
                    .isBetween(tombstoneTime.minusMillis(2), tombstoneTime.plusSeconds(2));
        }
    }

    @Test
    void oldestTombstonesOfAllEventLoopsAreRemovedFirst() throws Exception {
        try (Rig rig = Rig.start(proxy ->
                proxy.idleTimeout(IDLE_TIMEOUT).with(Setting.MAX_TOMBSTONES, 2).eventLoops(3))) {
            for (int i = 0; i < 4; i++) {
                rig.open();
                rig.await(FlowExpired.class, i + 1);
            }

            assertThat(rig.await(FlowClosed.class, 2))
                    .satisfiesExactly(
                            first -> {
                                assertThat(first.flowId()).isEqualTo(1);
                                assertThat(first.how()).isEqualTo(CloseReason.TOO_MANY_TOMBSTONES);
                            },
                            second -> assertThat(second.flowId()).isEqualTo(2));
            assertThat(rig.proxy().flows()).extracting(Flow::id).containsExactly(3L, 4L);
        }
    }

    @Test
    void zeroTombstonesMayBeKept() throws Exception {
        try (Rig rig = Rig.start(proxy -> proxy.idleTimeout(IDLE_TIMEOUT).with(Setting.MAX_TOMBSTONES, 0))) {
            rig.open().greet();

            assertThat(rig.awaitOne(FlowClosed.class).how()).isEqualTo(CloseReason.TOO_MANY_TOMBSTONES);
            assertThat(rig.proxy().flows()).isEmpty();
            rig.open().greet();
        }
    }
}
