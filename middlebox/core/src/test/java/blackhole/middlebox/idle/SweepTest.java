package blackhole.middlebox.idle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SweepTest {
    private static final long MICRO = 1_000;

    private final Loop loop = new Loop();
    private final AtomicLong cost = new AtomicLong(-1);

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void visitsThousandsOfFlowsOnceEachAndInOrder() {
        List<Integer> flows = IntStream.range(0, 10_000).boxed().toList();
        List<Integer> visited = new ArrayList<>();

        sweep(flows, visited::add);
        loop.passMillis(1);

        assertThat(visited).isEqualTo(flows);
    }

    @Test
    void letsOthersWorkBetweenSlicesOfAboutAMillisecond() {
        List<Integer> flows = IntStream.range(0, 5_000).boxed().toList();
        List<Long> othersWorkedAt = new ArrayList<>();
        AtomicInteger visits = new AtomicInteger();
        Runnable other = new Runnable() {
            @Override
            public void run() {
                othersWorkedAt.add(loop.now());
                if (visits.get() < flows.size()) {
                    loop.executor().schedule(this, 0, TimeUnit.NANOSECONDS);
                }
            }
        };
        loop.executor().schedule(other, 0, TimeUnit.NANOSECONDS);

        sweep(flows, flow -> {
            visits.incrementAndGet();
            loop.work(4 * MICRO);
        });
        loop.turn(50);

        assertThat(visits).hasValue(5_000);
        // 20 ms of work: 20 slices, and between any two of them the other task had its turn.
        assertThat(othersWorkedAt.size()).isBetween(15, 25);
        for (int i = 1; i < othersWorkedAt.size(); i++) {
            assertThat(othersWorkedAt.get(i) - othersWorkedAt.get(i - 1)).isLessThan(1_200 * MICRO);
        }
    }

    @Test
    void tellsItsCostWithoutTheTimeOfOthers() {
        List<Integer> flows = IntStream.range(0, 1_000).boxed().toList();

        sweep(flows, flow -> {
            loop.work(5 * MICRO);
            loop.executor().execute(() -> loop.work(3 * MICRO));
        });
        loop.turn(20);

        assertThat(cost).hasValue(5_000 * MICRO);
    }

    @Test
    void nothingToVisitIsFinishedAtOnce() {
        sweep(List.of(), flow -> {});

        assertThat(cost).hasValue(0);
    }

    @Test
    void visitThatThrowsEndsNeitherThePassNorItsSlice() {
        NoSuchMethodError failure = new NoSuchMethodError("thrown by a test");
        List<Integer> visited = new ArrayList<>();

        sweep(List.of(1, 2, 3), flow -> {
            if (flow == 2) {
                throw failure;
            }
            visited.add(flow);
        });

        assertThat(visited).containsExactly(1, 3);
        assertThat(loop.failures()).containsExactly(failure);
        assertThat(cost).hasValue(0);
    }

    @Test
    void passThatCannotMeasureItsCostIsFinished() {
        LongSupplier broken = () -> {
            throw new UnsupportedOperationException("thrown by a test");
        };

        new Sweep<>(
                        "sweep",
                        new SweepLoop(loop.executor(), loop::now, broken, (task, failure) -> loop.failures()
                                .add(failure)),
                        List.of(1),
                        flow -> {},
                        cost::set)
                .run();

        assertThat(loop.failures()).hasSize(1);
        assertThat(cost).hasValue(0);
    }

    private void sweep(List<Integer> flows, Consumer<Integer> visit) {
        new Sweep<>("sweep", loop.sweepLoop(), flows, visit, cost::set).run();
    }
}
