package blackhole.keepalive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SocketOptionsTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void timersThatTheKernelWouldRefuseAreRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SocketOptions.keepAlive(Duration.ofMillis(1500), SECOND, 3))
                .withMessage("keepalive-idle must be whole seconds from 1s to 32767s, not 1500ms");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SocketOptions.keepAlive(SECOND, Duration.ofSeconds(32_768), 3))
                .withMessageStartingWith("keepalive-interval");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SocketOptions.keepAlive(SECOND, SECOND, 128))
                .withMessage("keepalive-count must be from 1 to 127, not 128");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SocketOptions.OFF.withUserTimeout(Duration.ZERO))
                .withMessageStartingWith("user-timeout");
    }

    @Test
    void limitsOfTheKernelAreAllowed() {
        Duration longest = Duration.ofSeconds(32_767);

        SocketOptions options = SocketOptions.keepAlive(longest, longest, 127).withUserTimeout(Duration.ofMillis(1));

        assertThat(options).hasToString("keepalive=on idle=32767s interval=32767s count=127 user-timeout=1ms");
    }

    @Test
    void offShowsNoTimers() {
        assertThat(SocketOptions.OFF).hasToString("keepalive=off user-timeout=off");
    }
}
