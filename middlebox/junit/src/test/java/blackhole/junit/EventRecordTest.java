package blackhole.junit;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowEvent.ResetSent;
import blackhole.middlebox.flow.Leg;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EventRecordTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final FlowEvent EVENT = new ResetSent(1, Instant.EPOCH, Leg.CLIENT);

    private final EventRecord record = new EventRecord();

    @Test
    void eventDuringTheSearchIsRecordedAndFound() throws InterruptedException {
        Optional<Integer> found = record.await(
                seen -> {
                    CompletableFuture.runAsync(() -> record.onEvent(EVENT))
                            .orTimeout(5, TimeUnit.SECONDS)
                            .join();
                    return Optional.of(seen.size()).filter(size -> size == 2);
                },
                LONG);

        assertThat(found).contains(2);
    }

    @Test
    void searchEndsAtTheTimeout() throws InterruptedException {
        record.onEvent(EVENT);

        assertThat(record.await(seen -> Optional.empty(), Duration.ofMillis(20)))
                .isEmpty();
    }
}
