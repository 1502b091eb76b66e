package blackhole.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.support.ChildProcess;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UntilSignalIT {
    /** Run by {@link #aStepThatFailsKeepsNoOtherFromRunning(Path)} alone. */
    static final class Program {
        private Program() {}

        public static void main(String... arguments) throws InterruptedException {
            Thread main = Thread.currentThread();
            new Thread(() -> {
                        while (main.getState() != Thread.State.WAITING) {
                            Thread.onSpinWait();
                        }
                        System.out.println("waiting");
                    })
                    .start();
            UntilSignal.run(
                    0,
                    () -> {
                        throw new IllegalStateException("on purpose");
                    },
                    () -> System.out.println("closed"));
        }
    }

    @Test
    void aStepThatFailsKeepsNoOtherFromRunning(@TempDir Path directory) throws Exception {
        try (ChildProcess process =
                ChildProcess.in(directory).run(System.getProperty("java.class.path"), Program.class)) {
            process.awaitOutput("waiting");

            process.terminate();

            assertThat(process.awaitExit(Duration.ofSeconds(20))).isEqualTo(1);
            assertThat(process.err()).contains("on purpose");
            assertThat(process.out().lines()).last().isEqualTo("closed");
        }
    }
}
