package blackhole.middlebox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.FlowEvent.ClosedBy;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import blackhole.middlebox.flow.Leg;
import blackhole.support.KernelSocket;
import blackhole.support.RawPeer;
import io.netty.util.internal.PlatformDependent;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BackpressureIT {
    /** What the kernel may hold of both legs: a buffer to send and one to receive each. */
    private static final long KERNEL_BUFFERS =
            2 * (KernelSocket.largestBuffer("tcp_wmem") + KernelSocket.largestBuffer("tcp_rmem"));

    private static final long PROXY_MEMORY = 8L * 1024 * 1024;

    /** More than fits anywhere on the way. */
    private static final long BULK = KERNEL_BUFFERS + 4 * PROXY_MEMORY;

    @ParameterizedTest
    @EnumSource
    void fastSenderIsHeldBackByAReceiverThatDoesNotReadAndThenAllArrives(Leg sender) throws Exception {
        try (Rig rig = Rig.start()) {
            Rig.Pair flow = rig.open();
            long directBefore = PlatformDependent.usedDirectMemory();
            Sending sending = new Sending(flow.peer(sender));

            sending.awaitStandstill();
            assertThat(sending.accepted.get()).isLessThan(KERNEL_BUFFERS + PROXY_MEMORY);
            assertThat(PlatformDependent.usedDirectMemory() - directBefore).isLessThan(PROXY_MEMORY);

            RawPeer.Received received = flow.otherPeer(sender).receiveRandom();
            assertThat(received).isEqualTo(new RawPeer.Received(BULK, sending.checksum.get()));
        }
    }

    @Test
    void otherFlowsContinueWhileOneIsHeldBack() throws Exception {
        try (Rig rig = Rig.start(settings -> settings.eventLoops(1))) {
            Rig.Pair held = rig.open();
            Sending sending = new Sending(held.client());
            sending.awaitStandstill();

            Rig.Pair other = rig.open();
            other.greet();

            held.client().reset();
        }
    }

    @ParameterizedTest
    @EnumSource
    void resetReachesTheOtherPeerOfAHeldBackFlow(Leg by) throws Exception {
        try (Rig rig = Rig.start()) {
            Rig.Pair held = rig.open();
            Sending sending = new Sending(held.client());
            sending.awaitStandstill();

            held.peer(by).reset();

            FlowClosed closed = rig.awaitOne(FlowClosed.class);
            assertThat(closed.how()).isEqualTo(CloseReason.RESET);
            assertThat(closed.by()).isEqualTo(ClosedBy.valueOf(by.name()));
            if (by == Leg.UPSTREAM) {
                assertThatThrownBy(sending.checksum::get)
                        .hasCauseInstanceOf(SocketException.class)
                        .hasMessageContaining("reset");
            } else {
                assertThatThrownBy(() -> held.upstream().receiveRandom()).hasMessageContaining("reset");
            }
        }
    }

    /** Sends random bytes and FIN on a thread of its own. */
    private static final class Sending {
        private final AtomicLong accepted = new AtomicLong();
        private final Future<Long> checksum;

        Sending(RawPeer peer) {
            checksum = peer.sendRandomAndFinish(BULK, accepted);
        }

        void awaitStandstill() {
            AtomicLong last = new AtomicLong(-1);
            Awaitility.await("the sender stands still")
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> accepted.get() > 0 && last.getAndSet(accepted.get()) == accepted.get());
        }
    }
}
