package blackhole.middlebox.relay;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.LogCapture;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

class BackgroundFailuresTest {
    private final BackgroundFailures failures = new BackgroundFailures();

    @Test
    void remembersTheFirstAndCountsAll() {
        try (LogCapture log = new LogCapture(BackgroundFailures.class)) {
            IllegalStateException first = new IllegalStateException("the first");

            failures.report("idle clock", first);
            failures.report("discard watch", new IllegalStateException("the second"));

            assertThat(failures.first()).hasValueSatisfying(failure -> {
                assertThat(failure.task()).isEqualTo("idle clock");
                assertThat(failure.cause()).isSameAs(first);
                assertThat(failure.count()).isEqualTo(2);
            });
            assertThat(log.records()).singleElement().satisfies(logged -> {
                assertThat(logged.getLevel()).isEqualTo(Level.SEVERE);
                assertThat(logged.getThrown()).isSameAs(first);
            });
        }
    }

    @Test
    void guardedTaskReportsErrorsInsteadOfThrowingThem() {
        try (LogCapture log = new LogCapture(BackgroundFailures.class)) {
            NoSuchMethodError error = new NoSuchMethodError("thrown by a test");

            failures.guard("tombstone", () -> {
                        throw error;
                    })
                    .run();

            assertThat(failures.first())
                    .hasValueSatisfying(failure -> assertThat(failure.cause()).isSameAs(error));
            assertThat(log.records()).hasSize(1);
        }
    }
}
