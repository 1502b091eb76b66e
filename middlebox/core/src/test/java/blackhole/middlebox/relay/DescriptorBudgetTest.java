package blackhole.middlebox.relay;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.LogCapture;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DescriptorBudgetTest {
    private static final int FLOWS = 50;

    private final LogCapture log = new LogCapture(DescriptorBudget.class);
    private final DescriptorBudget budget = new DescriptorBudget(new BackgroundFailures());
    private final EmbeddedChannel listening = new EmbeddedChannel(budget);

    @BeforeEach
    void limitDescriptors() {
        listening.freezeTime();
        budget.limitTo(2 * FLOWS);
    }

    @AfterEach
    void stop() {
        log.close();
        listening.finishAndReleaseAll();
    }

    private void accept(int flows) {
        for (int i = 0; i < flows; i++) {
            listening.writeInbound("a client");
        }
    }

    private void end(int flows) {
        for (int i = 0; i < flows; i++) {
            budget.giveBack();
        }
    }

    private void pass(Duration time) {
        listening.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        listening.runScheduledPendingTasks();
    }

    private boolean isAccepting() {
        return listening.config().isAutoRead();
    }

    @Test
    void acceptsUntilNothingIsLeftAndAgainWhenAFlowHasEnded() {
        accept(FLOWS - 1);
        assertThat(isAccepting()).isTrue();
        assertThat(log.records()).isEmpty();

        accept(1);
        assertThat(isAccepting()).isFalse();

        end(1);
        assertThat(isAccepting()).isTrue();
    }

    @Test
    void logsAShortageOnceHoweverOftenItIsInterrupted() {
        accept(FLOWS);
        for (int i = 0; i < 30; i++) {
            pass(DescriptorBudget.CALM.dividedBy(2));
            end(FLOWS);
            accept(FLOWS);
        }

        assertThat(log.count(Level.WARNING)).isEqualTo(1);
        assertThat(log.count(Level.INFO)).isZero();
    }

    @Test
    void shortageThatLastsIsNotOver() {
        accept(FLOWS);
        for (int i = 0; i < 5; i++) {
            pass(DescriptorBudget.CALM);
        }

        assertThat(log.count(Level.WARNING)).isEqualTo(1);
        assertThat(log.count(Level.INFO)).isZero();
    }

    @Test
    void logsTheEndAfterACalmTimeAndTheNextShortageAgain() {
        accept(FLOWS);
        end(1);
        pass(DescriptorBudget.CALM);
        pass(DescriptorBudget.CALM);
        assertThat(log.count(Level.INFO)).isEqualTo(1);

        pass(DescriptorBudget.CALM.multipliedBy(3));
        accept(1);

        assertThat(log.count(Level.WARNING)).isEqualTo(2);
        assertThat(log.count(Level.INFO)).isEqualTo(1);
    }
}
