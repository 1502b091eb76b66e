package blackhole.middlebox;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blackhole.middlebox.config.UsageException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BuilderTest {
    @Test
    void proxyWithoutRouteIsRefused() {
        assertThatThrownBy(() -> Middlebox.builder().start())
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("route: missing; use ");
    }

    @Test
    void settingsOutOfRangeAreRefusedByTheirName() {
        Middlebox.Builder builder = Middlebox.builder();

        assertThatThrownBy(() -> builder.connectTimeout(Duration.ZERO))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("connect-timeout: ");
        assertThatThrownBy(() -> builder.connectTimeout(Duration.ofHours(2)))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("connect-timeout: ");
        assertThatThrownBy(() -> builder.eventLoops(0))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("event-loops: ");
        assertThatThrownBy(() -> builder.eventLoops(257))
                .isInstanceOf(UsageException.class)
                .hasMessage("event-loops: must be between 1 and 256, not 257");
    }
}
