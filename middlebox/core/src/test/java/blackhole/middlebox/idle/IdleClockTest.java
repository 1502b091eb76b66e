package blackhole.middlebox.idle;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.LogCapture;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.flow.ExpiryCause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdleClockTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final Loop loop = new Loop();
    private final Set<FakeFlow> flows = new LinkedHashSet<>();
    private Duration timeout = Duration.ofSeconds(1);
    private @Nullable Duration lifetime;
    private Runnable onConfig = () -> {};
    private final IdleClock<FakeFlow> clock = new IdleClock<>(loop.sweepLoop(), flows, this::middlebox, 1);

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void idleFlowExpiresNotEarlyAndLateByAtMostATick() {
        clock.start();
        List<FakeFlow> expiring = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            loop.passMillis(7);
            expiring.add(addFlow());
        }

        loop.passMillis(1_100);

        assertThat(flows).isEmpty();
        assertThat(expiring).allSatisfy(flow -> assertThat(flow.idleAtExpiry).isBetween(1_000L, 1_010L));
    }

    @Test
    void dataSeenBetweenTicksMovesExpiry() {
        clock.start();
        FakeFlow flow = addFlow();

        for (int i = 0; i < 10; i++) {
            loop.passMillis(997);
            flow.lastActivityAt = loop.now();
        }
        assertThat(flows).contains(flow);
        loop.passMillis(1_010);

        assertThat(flow.idleAtExpiry).isBetween(1_000L, 1_010L);
    }

    @Test
    void flowThatGetsOnlyKeepaliveProbesNeverExpires() {
        clock.start();
        FakeFlow flow = addFlow();

        for (int i = 0; i < 20; i++) {
            loop.passMillis(950);
            flow.probed = true;
        }

        assertThat(flows).contains(flow);
    }

    @Test
    void probesThatStopLetTheFlowExpireOneTickLaterAtMost() {
        clock.start();
        FakeFlow flow = addFlow();
        loop.passMillis(555);
        flow.probed = true;
        long probedAt = loop.nowMillis();

        loop.passMillis(1_200);

        assertThat(flow.expiredAt / MILLI - probedAt).isBetween(1_000L, 1_020L);
    }

    @Test
    void changedTimeoutIsUsedFromTheNextTick() {
        timeout = Duration.ofSeconds(10);
        clock.start();
        FakeFlow flow = addFlow();
        loop.passMillis(500);

        timeout = Duration.ofMillis(300);
        loop.passMillis(100);

        assertThat(flows).isEmpty();
        assertThat(flow.idleAtExpiry).isBetween(500L, 600L);
    }

    @Test
    void flowsThatComeAndGoDuringASweepAreLeftAlone() {
        clock.start();
        FakeFlow first = addFlow();
        FakeFlow second = addFlow();
        first.onExpire = () -> flows.remove(second);

        loop.passMillis(1_100);

        assertThat(first.expirations).isEqualTo(1);
        assertThat(second.expirations).isZero();
    }

    @Test
    void sparseSweepsOfAShortTimeoutAreStillExact() {
        timeout = Duration.ofMillis(10);
        clock.start();
        FakeFlow flow = addFlow();

        loop.passMillis(40);

        assertThat(flow.idleAtExpiry).isBetween(10L, 20L);
    }

    @Test
    void costlySweepMakesTicksSparser() {
        clock.start();
        for (int i = 0; i < 1_000; i++) {
            addFlow().sampleCost = 20_000;
        }

        loop.passMillis(900);

        // One sweep costs 20 ms; a tick of 10 ms would keep the loop busy, 8 % of it is a tick of 250 ms.
        assertThat(flows).allSatisfy(flow -> assertThat(flow.samples).isBetween(2, 5));
    }

    @Test
    void logsATickThatGrowsGradually() {
        try (LogCapture log = new LogCapture(IdleClock.class)) {
            clock.start();
            for (int i = 0; i < 1_000; i++) {
                addFlow().sampleCost = 1_000;
            }
            for (int i = 0; i < 20; i++) {
                flows.forEach(flow -> {
                    flow.sampleCost += flow.sampleCost / 10;
                    flow.lastActivityAt = loop.now();
                });
                loop.passMillis(100);
            }

            // From 12.5 ms to nearly seven times that, each time by a tenth.
            assertThat(log.records()).hasSizeBetween(7, 10);
        }
    }

    @Test
    void manyThatExpireTogetherDoNotPutOffTheNextTick() {
        clock.start();
        for (int i = 0; i < 200; i++) {
            addFlow().onExpire = () -> loop.work(MILLI);
        }
        loop.passMillis(500);
        FakeFlow younger = addFlow();

        loop.passMillis(1_200);

        assertThat(flows).isEmpty();
        assertThat(younger.idleAtExpiry).isBetween(1_000L, 1_050L);
    }

    @Test
    void lateLoopDatesActivityAtTheTick() {
        clock.start();
        FakeFlow flow = addFlow();
        loop.passMillis(100);
        assertThat(flow.exactDating).isTrue();

        loop.work(1_500 * MILLI);
        flow.probed = true;
        loop.passMillis(1);

        assertThat(flow.exactDating).isFalse();
        assertThat(flows).contains(flow);
    }

    @ParameterizedTest
    @CsvSource({"PT0.01S, PT0.01S", "PT1S, PT0.01S", "PT3S, PT0.03S", "PT5M, PT0.9S", "P5D, PT0.9S"})
    void tickIsAHundredthOfTheTimeoutWithinLimits(Duration idleTimeout, Duration tick) {
        assertThat(IdleClock.tickFor(idleTimeout)).isEqualTo(tick);
    }

    @Test
    void samplingTakesAFewPerCentOfACoreAtMost() {
        for (long timeoutMillis : new long[] {10, 300, 3_000, 300_000, 432_000_000}) {
            for (long costMicros : new long[] {0, 100, 3_500, 35_000, 100_000}) {
                long tick = IdleClock.tickFor(timeoutMillis * MILLI, costMicros * 1_000);

                assertThat(costMicros * 1_000 / (double) tick).isLessThanOrEqualTo(0.0801);
                assertThat(tick).isGreaterThanOrEqualTo(10 * MILLI);
            }
        }
    }

    @Test
    void busyFlowExpiresWhenItIsAsOldAsAFlowMayBecome() {
        lifetime = Duration.ofSeconds(3);
        clock.start();
        FakeFlow flow = addFlow();

        for (int i = 0; i < 40 && flows.contains(flow); i++) {
            loop.passMillis(100);
            flow.lastActivityAt = loop.now();
        }

        assertThat(flow.cause).isEqualTo(ExpiryCause.LIFETIME);
        assertThat((flow.expiredAt - flow.acceptedAt) / MILLI).isBetween(3_000L, 3_010L);
    }

    @Test
    void flowWhoseSamplingThrowsStopsNoOtherFlowFromExpiring() {
        clock.start();
        addFlow().onSample = IdleClockTest::fail;
        FakeFlow before = addFlow();
        loop.passMillis(1_100);
        FakeFlow after = addFlow();
        loop.passMillis(1_100);

        assertThat(before.expirations).isEqualTo(1);
        assertThat(after.expirations).isEqualTo(1);
        assertThat(loop.failures()).hasSizeGreaterThan(100).hasOnlyElementsOfType(NoSuchMethodError.class);
    }

    @Test
    void flowWhoseExpiryThrowsStopsNoOtherFlowFromExpiring() {
        clock.start();
        addFlow().onExpire = IdleClockTest::fail;
        FakeFlow other = addFlow();

        loop.passMillis(1_100);

        assertThat(other.expirations).isEqualTo(1);
        assertThat(loop.failures()).hasSize(1);
    }

    @Test
    void ticksAgainAfterATickThatCouldNotBegin() {
        clock.start();
        FakeFlow flow = addFlow();
        onConfig = IdleClockTest::fail;
        loop.passMillis(500);
        assertThat(loop.failures()).hasSizeGreaterThan(10);

        onConfig = () -> {};
        loop.passMillis(600);

        assertThat(flow.idleAtExpiry).isBetween(1_000L, 1_010L);
    }

    @Test
    void loggerThatThrowsStopsNoFlowFromExpiring() {
        try (LogCapture log = new LogCapture(IdleClock.class)) {
            log.onLog(IdleClockTest::fail);
            clock.start();
            FakeFlow flow = addFlow();

            loop.passMillis(1_100);

            assertThat(flow.idleAtExpiry).isBetween(1_000L, 1_010L);
            assertThat(flow.samples).isBetween(95, 110);
            assertThat(loop.failures()).isNotEmpty();
        }
    }

    /** What slf4j 1.7 on a user's class path once threw into the clock. */
    private static void fail() {
        throw new NoSuchMethodError("thrown by a test");
    }

    @SuppressWarnings("NullAway") // Takes the T of a Setting as non-null.
    private MiddleboxConfig middlebox() {
        onConfig.run();
        return MiddleboxConfig.DEFAULT.with(Setting.IDLE_TIMEOUT, timeout).with(Setting.MAX_LIFETIME, lifetime);
    }

    private FakeFlow addFlow() {
        FakeFlow flow = new FakeFlow();
        flow.lastActivityAt = loop.now();
        flows.add(flow);
        return flow;
    }

    private final class FakeFlow implements IdleClock.IdleFlow {
        private final long acceptedAt = loop.now();
        private long lastActivityAt;
        private ExpiryCause cause = ExpiryCause.COMMAND;
        private boolean probed;
        private boolean exactDating;
        private long sampleCost;
        private int samples;
        private int expirations;
        private long expiredAt;
        private long idleAtExpiry;
        private Runnable onSample = () -> {};
        private Runnable onExpire = () -> {};

        @Override
        public long sampleActivity(long now, boolean exact) {
            samples++;
            onSample.run();
            exactDating = exact;
            if (sampleCost > 0) {
                loop.work(sampleCost);
            }
            if (probed) {
                probed = false;
                lastActivityAt = now;
            }
            return lastActivityAt;
        }

        @Override
        public long trackedSince() {
            return acceptedAt;
        }

        @Override
        public void expire(long now, ExpiryCause why) {
            cause = why;
            expirations++;
            expiredAt = now;
            idleAtExpiry = (now - lastActivityAt) / MILLI;
            flows.remove(this);
            onExpire.run();
        }
    }
}
