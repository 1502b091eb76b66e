package blackhole.client.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class IdleTimeoutRangeTest {

    @Test
    void firstRoundGrowsUpToTheLongest() {
        List<Duration> times = IdleTimeoutRange.firstRound(Duration.ofSeconds(1), Duration.ofHours(1));

        assertThat(times).isSorted().hasSizeLessThan(30).startsWith(Duration.ofSeconds(1), Duration.ofMillis(1500));
        assertThat(times).endsWith(Duration.ofHours(1));
    }

    @Test
    void nextRoundsNarrowTheRangeToAHundredth() {
        IdleTimeoutRange range = new IdleTimeoutRange(Duration.ofSeconds(256), Duration.ofSeconds(384));

        int rounds = 0;
        for (; !range.isPrecise(); rounds++) {
            range = divided(range, Duration.ofSeconds(310));
        }

        assertThat(rounds).isEqualTo(2);
        assertThat(range.alive()).isLessThan(Duration.ofSeconds(310)).isGreaterThan(Duration.ofSeconds(307));
        assertThat(range.expired()).isGreaterThanOrEqualTo(Duration.ofSeconds(310));
    }

    /** What the connections of a round would find. */
    private static IdleTimeoutRange divided(IdleTimeoutRange range, Duration timeout) {
        List<Duration> times = range.nextRound();
        return new IdleTimeoutRange(
                times.stream().filter(t -> t.compareTo(timeout) < 0).reduce(range.alive(), (first, last) -> last),
                times.stream()
                        .filter(t -> t.compareTo(timeout) >= 0)
                        .findFirst()
                        .orElse(range.expired()));
    }
}
