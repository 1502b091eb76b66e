package blackhole.middlebox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.FlowEvent.ClosedBy;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import blackhole.middlebox.flow.FlowState;
import blackhole.middlebox.flow.Leg;
import blackhole.support.Idle;
import blackhole.support.RawPeer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Also shows that {@code EpollFlags} is still needed. */
class HalfCloseIT {
    private static final long SOME = 5L * 1024 * 1024;

    @ParameterizedTest
    @EnumSource
    void finIsPassedOnAndTheOtherWayStaysOpen(Leg leg) throws Exception {
        try (Rig rig = Rig.start()) {
            Rig.Pair flow = rig.open();
            RawPeer finished = flow.peer(leg);
            RawPeer other = flow.otherPeer(leg);

            finished.send("request");
            finished.finish();

            assertThat(other.receiveAll()).isEqualTo("request");
            assertThat(rig.proxy().flows()).singleElement().satisfies(tracked -> assertThat(tracked.state())
                    .isEqualTo(FlowState.HALF_CLOSED));
            other.send("answer");
            assertThat(finished.receive(6)).isEqualTo("answer");
            other.finish();
            assertThat(finished.receiveAll()).isEmpty();
            FlowClosed closed = rig.awaitOne(FlowClosed.class);
            assertThat(closed.by()).isEqualTo(ClosedBy.valueOf(leg.name()));
            assertThat(closed.how()).isEqualTo(CloseReason.FINISHED);
        }
    }

    static Stream<Leg> manyClientsAndAnUpstream() {
        return Stream.concat(Stream.generate(() -> Leg.CLIENT).limit(10), Stream.of(Leg.UPSTREAM));
    }

    @ParameterizedTest
    @MethodSource("manyClientsAndAnUpstream")
    void halfClosedPeerReadsMegabytesAfterItsFin(Leg leg) throws Exception {
        try (Rig rig = Rig.start()) {
            Rig.Pair flow = rig.open();
            flow.peer(leg).send("request");
            flow.peer(leg).finish();
            assertThat(flow.otherPeer(leg).receiveAll()).isEqualTo("request");

            flow.otherPeer(leg).sendRandomAndFinish(SOME);
            awaitFullBuffers(rig, leg == Leg.CLIENT ? Leg.UPSTREAM : Leg.CLIENT);
            RawPeer.Received received = flow.peer(leg).receiveRandom();

            assertThat(received.length()).isEqualTo(SOME);
            assertThat(rig.awaitOne(FlowClosed.class).how()).isEqualTo(CloseReason.FINISHED);
        }
    }

    @Test
    void halfClosedClientThatReadsLateStillGetsAllOfAnUpstreamThatHasFinished() throws Exception {
        try (Rig rig = Rig.start(proxy -> proxy.idleTimeout(Duration.ofSeconds(5)))) {
            Rig.Pair flow = rig.open();
            flow.client().finish();
            assertThat(flow.upstream().receiveAll()).isEmpty();
            flow.upstream().sendRandomAndFinish(SOME);
            awaitFullBuffers(rig, Leg.UPSTREAM);

            // Ticks of the idle clock, while both FINs are behind the kernel and the bytes are not.
            Idle.idleFor(Duration.ofMillis(500));
            RawPeer.Received received = flow.client().receiveRandom();

            assertThat(received.length()).isEqualTo(SOME);
            assertThat(rig.awaitOne(FlowClosed.class).how()).isEqualTo(CloseReason.FINISHED);
        }
    }

    /** Waits until the receiver has stopped the proxy, whose next write then needs a writable socket. */
    private static void awaitFullBuffers(Rig rig, Leg from) {
        AtomicLong last = new AtomicLong(-1);
        Awaitility.await("no more is taken from the " + from)
                .pollInterval(Duration.ofMillis(150))
                .until(() -> {
                    Flow flow = rig.proxy().flows().get(0);
                    long received = (from == Leg.CLIENT ? flow.client() : flow.upstream()).bytesReceived();
                    return received > 0 && last.getAndSet(received) == received;
                });
    }

    @Test
    void resetOfHalfClosedClientReachesTheIdleUpstream() throws Exception {
        try (Rig rig = Rig.start()) {
            Rig.Pair flow = rig.open();
            flow.client().finish();
            assertThat(flow.upstream().receiveAll()).isEmpty();

            flow.client().reset();

            FlowClosed closed = rig.awaitOne(FlowClosed.class);
            assertThat(closed.how()).isEqualTo(CloseReason.RESET);
            assertThat(closed.by()).isEqualTo(ClosedBy.CLIENT);
            Awaitility.await()
                    .untilAsserted(() ->
                            assertThatThrownBy(() -> flow.upstream().send("x")).isInstanceOf(IOException.class));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void halfClosedFlowSpinsNoCoreWhileIdleOrAfterReset(boolean reset) throws Exception {
        try (Rig rig = Rig.start()) {
            Rig.Pair flow = rig.open();
            flow.client().finish();
            assertThat(flow.upstream().receiveAll()).isEmpty();
            if (reset) {
                flow.client().reset();
            }

            Duration before = relayCpuTime();
            Idle.idleFor(Duration.ofMillis(1_500));

            assertThat(relayCpuTime().minus(before)).isLessThan(Duration.ofMillis(500));
        }
    }

    private static Duration relayCpuTime() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Duration.ofNanos(Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(thread -> thread != null && thread.getThreadName().startsWith("blackhole-relay"))
                .mapToLong(ThreadInfo::getThreadId)
                .map(threads::getThreadCpuTime)
                .sum());
    }
}
