package blackhole.middlebox.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.RecvByteBufAllocator;
import org.junit.jupiter.api.Test;

@SuppressWarnings("deprecation") // The handle's type.
class ReceiveBuffersTest {
    private final RecvByteBufAllocator.Handle handle = new ReceiveBuffers().newHandle();

    @Test
    void largeBuffersAreUsedOnlyAfterASmallOneWasFilled() {
        int small = handle.guess();
        read(10, small);
        assertThat(handle.guess()).isEqualTo(small);

        read(small, small);
        int large = handle.guess();
        assertThat(large).isGreaterThan(10 * small);
        read(large / 2, large);
        assertThat(handle.guess()).isEqualTo(large);

        read(10, large);
        assertThat(handle.guess()).isEqualTo(small);
    }

    private void read(int bytes, int attempted) {
        handle.attemptedBytesRead(attempted);
        handle.lastBytesRead(bytes);
    }
}
