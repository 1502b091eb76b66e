package blackhole.middlebox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import blackhole.support.BufferLeaks;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BufferLeaksTest {
    @Test
    void bufferThatIsNeverReleasedIsFound() {
        leakOneBuffer();

        List<String> leaks = new ArrayList<>();
        await().atMost(Duration.ofSeconds(10)).until(() -> leaks.addAll(BufferLeaks.found()) || !leaks.isEmpty());

        assertThat(leaks).hasSize(1);
        assertThat(leaks.get(0)).contains("leakOneBuffer");
    }

    private static void leakOneBuffer() {
        ByteBufAllocator.DEFAULT.directBuffer(64).writeLong(1);
    }
}
