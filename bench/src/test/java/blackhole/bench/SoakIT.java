package blackhole.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetector.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A cut of bench/soak: half the flows for five minutes in CI, or for {@code -Dsoak.seconds}. */
@Tag("slow")
@EnabledOnOs(OS.LINUX)
@EnabledIf(value = "isAsked", disabledReason = "the soak runs in CI, or with -Dsoak.seconds=300")
class SoakIT {
    private static final Duration CUT = Duration.ofSeconds(Long.getLong("soak.seconds", 300));

    private static final int FLOWS = 1_000;
    private static Level before;

    static boolean isAsked() {
        return System.getenv("CI") != null || System.getProperty("soak.seconds") != null;
    }

    /** Watching every buffer at every touch, as the other tests do, is too slow for thousands of flows. */
    @BeforeAll
    static void sampleBuffersForLeaks() {
        before = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(Level.ADVANCED);
    }

    @AfterAll
    static void watchEveryBufferAgain() {
        ResourceLeakDetector.setLevel(before);
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void thousandsOfFlowsLoseNoByteAndLeaveNothingBehind() throws InterruptedException {
        long seed = Long.getLong("soak.seed", System.nanoTime());
        System.out.println("soak.seed " + seed);

        assertThat(new Soak(FLOWS, CUT, seed).run()).isEmpty();
    }
}
