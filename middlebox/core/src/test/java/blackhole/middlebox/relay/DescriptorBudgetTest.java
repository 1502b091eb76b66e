package blackhole.middlebox.relay;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class DescriptorBudgetTest {
    private static final int FLOWS = 50;

    private final Logger logger = (Logger) LoggerFactory.getLogger(DescriptorBudget.class);
    private final Level level = logger.getLevel();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final DescriptorBudget budget = new DescriptorBudget();
    private final EmbeddedChannel listening = new EmbeddedChannel(budget);

    @BeforeEach
    void watchTheLog() {
        listening.freezeTime();
        budget.limitTo(2 * FLOWS);
        log.start();
        logger.setAdditive(false);
        logger.setLevel(Level.INFO);
        logger.addAppender(log);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(log);
        logger.setAdditive(true);
        logger.setLevel(level);
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

    private long logged(Level wanted) {
        return log.list.stream().filter(line -> line.getLevel() == wanted).count();
    }

    @Test
    void acceptsUntilNothingIsLeftAndAgainWhenAFlowHasEnded() {
        accept(FLOWS - 1);
        assertThat(isAccepting()).isTrue();
        assertThat(log.list).isEmpty();

        accept(1);
        assertThat(isAccepting()).isFalse();

        end(1);
        assertThat(isAccepting()).isTrue();
    }

    @Test
    void shortageIsToldOnceHoweverOftenItIsInterrupted() {
        accept(FLOWS);
        for (int i = 0; i < 30; i++) {
            pass(DescriptorBudget.CALM.dividedBy(2));
            end(FLOWS);
            accept(FLOWS);
        }

        assertThat(logged(Level.WARN)).isEqualTo(1);
        assertThat(logged(Level.INFO)).isZero();
    }

    @Test
    void shortageThatLastsIsNotOver() {
        accept(FLOWS);
        for (int i = 0; i < 5; i++) {
            pass(DescriptorBudget.CALM);
        }

        assertThat(logged(Level.WARN)).isEqualTo(1);
        assertThat(logged(Level.INFO)).isZero();
    }

    @Test
    void endIsToldAfterACalmTimeAndTheNextShortageAgain() {
        accept(FLOWS);
        end(1);
        pass(DescriptorBudget.CALM);
        pass(DescriptorBudget.CALM);
        assertThat(logged(Level.INFO)).isEqualTo(1);

        pass(DescriptorBudget.CALM.multipliedBy(3));
        accept(1);

        assertThat(logged(Level.WARN)).isEqualTo(2);
        assertThat(logged(Level.INFO)).isEqualTo(1);
    }
}
