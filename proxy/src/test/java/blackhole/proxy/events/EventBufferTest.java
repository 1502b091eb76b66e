package blackhole.proxy.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventBufferTest {
    private static final int CAPACITY = 8;

    private final EventBuffer buffer = new EventBuffer(CAPACITY);

    @Test
    void numbersEventsFromOne() {
        buffer.append("a");
        buffer.append("b");

        assertThat(buffer.get(1)).isEqualTo(new EventBuffer.Entry(1, "a"));
        assertThat(buffer.get(2)).isEqualTo(new EventBuffer.Entry(2, "b"));
        assertThat(buffer.get(3)).isNull();
        assertThat(buffer.oldest()).isEqualTo(1);
        assertThat(buffer.newest()).isEqualTo(2);
    }

    @Test
    void overwritesTheOldest() {
        for (int i = 1; i <= CAPACITY + 3; i++) {
            buffer.append(i);
        }

        assertThat(buffer.oldest()).isEqualTo(4);
        assertThat(buffer.get(3)).isNull();
        assertThat(buffer.get(4)).isEqualTo(new EventBuffer.Entry(4, 4));
    }

    @Test
    void losesNothingWhenManyAppend() throws InterruptedException {
        int threads = 4;
        int each = 5_000;
        EventBuffer large = new EventBuffer(threads * each);
        List<Thread> writers = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            Thread writer = new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    large.append(Thread.currentThread().getName() + i);
                }
            });
            writers.add(writer);
            writer.start();
        }
        for (Thread writer : writers) {
            writer.join();
        }

        assertThat(LongStream.rangeClosed(1, (long) threads * each).mapToObj(large::get))
                .doesNotContainNull()
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, -, 12, false",
                "-, oldest, 4, false",
                "run-7, oldest, 8, true",
                "7, -, 8, true",
                "run-3, -, 4, true",
                "run-11, -, 12, true",
                "run-1, -, 2, false",
                "run-2, -, 3, false",
                "run-12, -, 4, false",
                "run-99, -, 4, false",
                "other-7, -, 4, false",
                "other-11, -, 4, false"
            })
    void positionFollowsTheReadersLastEvent(
            @Nullable String lastEventId, @Nullable String start, long next, boolean resumable) {
        for (int i = 1; i <= CAPACITY + 3; i++) {
            buffer.append(i);
        }

        StreamPosition position = StreamPosition.parse(lastEventId, start);

        assertThat(position.next("run", buffer)).isEqualTo(next);
        assertThat(position.isResumable("run", buffer)).isEqualTo(resumable);
    }
}
