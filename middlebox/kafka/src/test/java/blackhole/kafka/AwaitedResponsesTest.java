package blackhole.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.kafka.AwaitedResponses.Awaited;
import org.junit.jupiter.api.Test;

class AwaitedResponsesTest {
    private final AwaitedResponses awaited = new AwaitedResponses();

    private void add(int correlationId) {
        awaited.add(new Awaited(correlationId, RewrittenApi.PRODUCE, (short) 12));
    }

    @Test
    void responseThatIsNotAwaitedLeavesTheOthers() {
        add(1);

        assertThat(awaited.take(2)).isNull();
        assertThat(awaited.take(1)).isNotNull();
        assertThat(awaited.size()).isZero();
    }

    @Test
    void requestsAheadOfAResponseNeverGetOne() {
        add(1);
        add(2);
        add(3);

        assertThat(awaited.take(2)).isNotNull();
        assertThat(awaited.take(1)).isNull();
        assertThat(awaited.size()).isEqualTo(1);
    }

    @Test
    void requestsWithoutResponsesTakeBoundedMemory() {
        for (int id = 0; id < 3 * AwaitedResponses.LIMIT; id++) {
            add(id);
        }

        assertThat(awaited.size()).isEqualTo(AwaitedResponses.LIMIT);
        assertThat(awaited.take(3 * AwaitedResponses.LIMIT - 1)).isNotNull();
        assertThat(awaited.size()).isZero();
    }
}
