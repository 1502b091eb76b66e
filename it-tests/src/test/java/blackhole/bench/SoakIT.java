package blackhole.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A cut of it-tests/bench/soak, {@code -Dsoak.seconds} long. */
@EnabledOnOs(OS.LINUX)
@EnabledIfSystemProperty(
        named = "soak.seconds",
        matches = "\\d+",
        disabledReason = "the soak is run by hand: it-tests/bench/soak, or -Dsoak.seconds=300")
class SoakIT {
    private static final Duration CUT = Duration.ofSeconds(Long.getLong("soak.seconds", 0));

    @Test
    void thousandsOfFlowsLoseNoByteAndLeaveNothingBehind() throws InterruptedException {
        long seed = Long.getLong("soak.seed", System.nanoTime());
        System.out.println("soak.seed " + seed);

        assertThat(new Soak(2_000, CUT, seed).run()).isEmpty();
    }
}
