package blackhole.proxy.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

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

        assertThat(LongStream.rangeClosed(1, threads * each).mapToObj(large::get))
                .doesNotContainNull()
                .doesNotHaveDuplicates();
    }

    @Test
    void aPositionStartsAfterWhatTheReaderHas() {
        for (int i = 1; i <= CAPACITY + 3; i++) {
            buffer.append(i);
        }

        assertThat(StreamPosition.parse(null, null).next("run", buffer)).isEqualTo(12);
        assertThat(StreamPosition.parse(null, "oldest").next("run", buffer)).isEqualTo(4);
        assertThat(StreamPosition.parse("run-7", "oldest").next("run", buffer)).isEqualTo(8);
        assertThat(StreamPosition.parse("7", null).next("run", buffer)).isEqualTo(8);
        assertThat(StreamPosition.parse("run-1", null).next("run", buffer)).isEqualTo(2);
        assertThat(StreamPosition.parse("other-7", null).next("run", buffer)).isEqualTo(4);
        assertThat(StreamPosition.parse("run-99", null).next("run", buffer)).isEqualTo(4);
    }

    @Test
    void aPositionIsResumableWhileNothingAfterItIsOverwritten() {
        for (int i = 1; i <= CAPACITY + 3; i++) {
            buffer.append(i);
        }

        assertThat(StreamPosition.parse("run-3", null).isResumable("run", buffer))
                .isTrue();
        assertThat(StreamPosition.parse("run-11", null).isResumable("run", buffer))
                .isTrue();
        assertThat(StreamPosition.parse("run-2", null).isResumable("run", buffer))
                .isFalse();
        assertThat(StreamPosition.parse("run-12", null).isResumable("run", buffer))
                .isFalse();
        assertThat(StreamPosition.parse("other-11", null).isResumable("run", buffer))
                .isFalse();
        assertThat(StreamPosition.parse(null, null).isResumable("run", buffer)).isFalse();
    }
}
