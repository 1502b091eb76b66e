package blackhole.middlebox.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class MiddleboxConfigTest {
    @Test
    void defaultDropsIdleFlowsAfterFiveMinutes() {
        MiddleboxConfig box = MiddleboxConfig.DEFAULT;

        assertThat(box.idleTimeout()).isEqualTo(Duration.ofMinutes(5));
        assertThat(box.onExpiry()).isEqualTo(OnExpiry.DROP);
        assertThat(box.keepaliveRefreshes()).isTrue();
        assertThat(box.tombstoneTime()).isEqualTo(Duration.ofMinutes(15));
        assertThat(box.maxTombstones()).isEqualTo(10_000);
    }

    @Test
    void changesLeaveTheOtherSettings() {
        MiddleboxConfig box = MiddleboxConfig.DEFAULT.with(change -> change.idleTimeout(Duration.ofSeconds(3))
                .onExpiry(OnExpiry.STALL)
                .maxTombstones(0));

        assertThat(box.with(change -> change.idleTimeout(Duration.ofMinutes(5))
                        .onExpiry(OnExpiry.DROP)
                        .maxTombstones(10_000)))
                .isEqualTo(MiddleboxConfig.DEFAULT);
        assertThat(box.idleTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(box.onExpiry()).isEqualTo(OnExpiry.STALL);
        assertThat(box.maxTombstones()).isZero();
    }

    @Test
    void bordersAreAllowed() {
        assertThat(MiddleboxConfig.DEFAULT
                        .with(change -> change.idleTimeout(Duration.ofMillis(10)))
                        .idleTimeout())
                .isEqualTo(Duration.ofMillis(10));
        assertThat(MiddleboxConfig.DEFAULT
                        .with(change -> change.idleTimeout(Duration.ofDays(365)))
                        .idleTimeout())
                .isEqualTo(Duration.ofDays(365));
    }

    @Test
    void valuesOutOfRangeAreRefusedByTheirOptionsName() {
        assertThatThrownBy(() -> MiddleboxConfig.DEFAULT.with(change -> change.idleTimeout(Duration.ofMillis(9))))
                .isInstanceOf(UsageException.class)
                .hasMessage("idle-timeout must be between 10ms and 8760h, not 9ms");
        assertThatThrownBy(() -> MiddleboxConfig.DEFAULT.with(change -> change.idleTimeout(Duration.ofDays(366))))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("idle-timeout ");
        assertThatThrownBy(() -> MiddleboxConfig.DEFAULT.with(change -> change.tombstoneTime(Duration.ofMillis(-1))))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("tombstone-time ");
        assertThatThrownBy(() -> MiddleboxConfig.DEFAULT.with(change -> change.maxTombstones(-1)))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("max-tombstones ");
    }

    @Test
    void longestDurationThatIsReadIsRefusedByItsName() {
        assertThatThrownBy(() ->
                        MiddleboxConfig.DEFAULT.with(change -> change.idleTimeout(Durations.parse("999999999999h"))))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("idle-timeout ");
    }

    @Test
    void longestIso8601DurationIsRefusedByItsName() {
        assertThatThrownBy(() -> MiddleboxConfig.DEFAULT.with(
                        change -> change.idleTimeout(Durations.parse("PT" + Long.MAX_VALUE + "S"))))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("idle-timeout ");
    }
}
