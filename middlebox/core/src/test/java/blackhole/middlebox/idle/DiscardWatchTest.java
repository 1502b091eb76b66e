package blackhole.middlebox.idle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DiscardWatchTest {
    private final Loop loop = new Loop();
    private final Set<FakeFlow> flows = new LinkedHashSet<>();
    private final DiscardWatch<FakeFlow> watch = new DiscardWatch<>(loop.sweepLoop(), flows);

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void restsUntilItIsWoken() {
        loop.passMillis(100);

        assertThat(loop.rests()).isTrue();
    }

    @Test
    void looksEveryTenMillis() {
        FakeFlow flow = addFlow();

        loop.passMillis(1_000);

        assertThat(flow.looks).isBetween(95, 100);
    }

    @Test
    void isOneWatchHoweverOftenItIsWoken() {
        FakeFlow flow = addFlow();
        addFlow();
        watch.wake();

        loop.passMillis(1_000);

        assertThat(flow.looks).isBetween(95, 100);
    }

    @Test
    void restsAgainWhenTheLastFlowIsGoneAndCanBeWokenAgain() {
        FakeFlow first = addFlow();
        loop.passMillis(50);

        flows.remove(first);
        loop.passMillis(50);
        assertThat(loop.rests()).isTrue();
        FakeFlow second = addFlow();
        loop.passMillis(50);

        assertThat(second.looks).isBetween(4, 5);
    }

    @Test
    void flowThatLeavesDuringALookIsNotLookedAt() {
        FakeFlow first = addFlow();
        FakeFlow second = addFlow();
        first.onLook = () -> flows.remove(second);

        loop.passMillis(50);

        assertThat(second.looks).isZero();
    }

    @Test
    void manyFlowsAreLookedAtLessOften() {
        for (int i = 0; i < 1_000; i++) {
            addFlow().cost = 2_000;
        }

        loop.passMillis(1_000);

        // A look costs 2 ms, so the next is 100 ms later.
        assertThat(flows).allSatisfy(flow -> assertThat(flow.looks).isBetween(5, 15));
    }

    @Test
    void goesOnAfterAnErrorAndReportsEach() {
        addFlow().onLook = () -> {
            throw new NoSuchMethodError("thrown by a test");
        };
        FakeFlow healthy = addFlow();

        loop.passMillis(50);

        assertThat(healthy.looks).isBetween(4, 5);
        assertThat(loop.failures()).hasSize(healthy.looks).hasOnlyElementsOfType(NoSuchMethodError.class);
    }

    private FakeFlow addFlow() {
        FakeFlow flow = new FakeFlow();
        flows.add(flow);
        watch.wake();
        return flow;
    }

    private final class FakeFlow implements DiscardWatch.BlackholedFlow {
        private int looks;
        private long cost;
        private Runnable onLook = () -> {};

        @Override
        public void sampleDiscards(long now) {
            looks++;
            if (cost > 0) {
                loop.work(cost);
            }
            onLook.run();
        }
    }
}
