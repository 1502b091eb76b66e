package blackhole.middlebox;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.Rig.Ip;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.middlebox.flow.FlowState;
import blackhole.support.Idle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExpiryIT {
    /** Allows for a slow event loop, garbage collection and other processes. */
    private static final Duration LATE = Duration.ofMillis(700);

    @Test
    void idleFlowsExpireNeverEarlyAndHardlyLate() throws Exception {
        Duration timeout = Duration.ofMillis(500);
        try (Rig rig = Rig.start(proxy -> proxy.idleTimeout(timeout))) {
            List<Long> lastSentAt = new ArrayList<>();
            List<Long> expiredAt = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                Rig.Pair flow = rig.open();
                flow.greet();
                Idle.idleFor(timeout.dividedBy(7));
                lastSentAt.add(System.nanoTime());
                flow.client().send("last");

                rig.await(FlowExpired.class, i + 1);
                expiredAt.add(System.nanoTime());
            }

            for (int i = 0; i < 5; i++) {
                assertThat(Duration.ofNanos(expiredAt.get(i) - lastSentAt.get(i)))
                        .isBetween(timeout, timeout.plus(LATE));
            }
            assertThat(rig.events(FlowExpired.class)).allSatisfy(expired -> {
                assertThat(expired.idle()).isBetween(timeout, timeout.plus(LATE));
                assertThat(expired.onExpiry()).isEqualTo(OnExpiry.DROP);
            });
        }
    }

    @Test
    void dataFromEitherSideKeepsTheFlow() throws Exception {
        Duration timeout = Duration.ofMillis(600);
        try (Rig rig = Rig.start(proxy -> proxy.idleTimeout(timeout))) {
            Rig.Pair byClient = rig.open();
            Rig.Pair byUpstream = rig.open();

            for (int i = 0; i < 10; i++) {
                byClient.client().send("x");
                byUpstream.upstream().send("x");
                Idle.idleFor(timeout.dividedBy(3));
            }

            assertThat(rig.count(FlowExpired.class)).isZero();
            assertThat(rig.proxy().flows()).hasSize(2).allSatisfy(flow -> {
                assertThat(flow.state()).isEqualTo(FlowState.LIVE);
                assertThat(flow.idle()).isLessThan(timeout);
                assertThat(flow.toExpiry()).isPositive().isLessThanOrEqualTo(timeout);
            });
        }
    }

    @Test
    void keepaliveProbesOfEitherSideKeepTheFlow() throws Exception {
        Duration timeout = Duration.ofMillis(1_600);
        try (Rig rig = Rig.start(Ip.V4, proxy -> proxy.idleTimeout(timeout));
                Rig rig6 = Rig.start(Ip.V6, proxy -> proxy.idleTimeout(timeout))) {
            List<Rig.Pair> kept = new ArrayList<>();
            for (Rig each : List.of(rig, rig6)) {
                Rig.Pair byClient = each.open();
                byClient.client().keepAlive();
                Rig.Pair byUpstream = each.open();
                byUpstream.upstream().keepAlive();
                kept.addAll(List.of(byClient, byUpstream));
                each.open();
            }

            Idle.idleFor(timeout.multipliedBy(3).plus(LATE));

            for (Rig each : List.of(rig, rig6)) {
                assertThat(each.events(FlowExpired.class))
                        .singleElement()
                        .satisfies(expired -> assertThat(expired.flowId()).isEqualTo(3));
            }
            for (Rig.Pair flow : kept) {
                flow.greet();
                flow.client().keepAliveOff();
                flow.upstream().keepAliveOff();
            }
            rig.await(FlowExpired.class, 3);
            rig6.await(FlowExpired.class, 3);
        }
    }

    @Test
    void newConnectionsAfterAnExpiryWorkAtOnce() throws Exception {
        try (Rig rig = Rig.start(proxy -> proxy.idleTimeout(Duration.ofMillis(800)))) {
            Rig.Pair expired = rig.idledOut();
            expired.client().send("lost");

            long begin = System.nanoTime();
            rig.open().greet();

            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(1));
            assertThat(rig.count(FlowOpened.class)).isEqualTo(2);
        }
    }
}
