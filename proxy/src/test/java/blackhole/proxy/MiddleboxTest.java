package blackhole.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class MiddleboxTest {
    @Test
    void defaultForgetsSilentlyAfterFiveMinutes() {
        Middlebox box = Middlebox.DEFAULT;

        assertThat(box).isEqualTo(new Middlebox(Duration.ofMinutes(5), OnExpiry.DROP, Duration.ofMinutes(15), 10_000));
    }

    @Test
    void withersChangeOneThingEach() {
        Middlebox box = Middlebox.DEFAULT
                .withIdleTimeout(Duration.ofSeconds(3))
                .withOnExpiry(OnExpiry.STALL)
                .withTombstoneTime(Duration.ZERO)
                .withMaxTombstones(0);

        assertThat(box).isEqualTo(new Middlebox(Duration.ofSeconds(3), OnExpiry.STALL, Duration.ZERO, 0));
    }

    @Test
    void bordersAreAllowed() {
        assertThat(Middlebox.DEFAULT.withIdleTimeout(Duration.ofMillis(10)).idleTimeout())
                .isEqualTo(Duration.ofMillis(10));
        assertThat(Middlebox.DEFAULT.withIdleTimeout(Duration.ofDays(365)).idleTimeout())
                .isEqualTo(Duration.ofDays(365));
    }

    @Test
    void valuesOutOfRangeAreRefusedByTheirOptionsName() {
        assertThatThrownBy(() -> Middlebox.DEFAULT.withIdleTimeout(Duration.ofMillis(9)))
                .isInstanceOf(UsageException.class)
                .hasMessage("idle-timeout must be between 10ms and 8760h, not 9ms");
        assertThatThrownBy(() -> Middlebox.DEFAULT.withIdleTimeout(Duration.ofDays(366)))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("idle-timeout ");
        assertThatThrownBy(() -> Middlebox.DEFAULT.withTombstoneTime(Duration.ofMillis(-1)))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("tombstone-time ");
        assertThatThrownBy(() -> Middlebox.DEFAULT.withMaxTombstones(-1))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("max-tombstones ");
    }

    @Test
    void longestDurationThatIsReadIsRefusedByItsName() {
        assertThatThrownBy(() -> Middlebox.DEFAULT.withIdleTimeout(Durations.parse("999999999999h")))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("idle-timeout ");
    }

    @Test
    void longestIso8601DurationIsRefusedByItsName() {
        assertThatThrownBy(() -> Middlebox.DEFAULT.withIdleTimeout(Durations.parse("PT" + Long.MAX_VALUE + "S")))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("idle-timeout ");
    }
}
