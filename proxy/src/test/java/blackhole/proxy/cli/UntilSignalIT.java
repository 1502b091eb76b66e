package blackhole.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class UntilSignalIT {
    /** Run by {@link #aStepThatFailsKeepsNoOtherFromRunning()} alone. */
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
    @Timeout(60)
    void aStepThatFailsKeepsNoOtherFromRunning() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName())
                .redirectErrorStream(true);
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        Process process = builder.start();
        try (BufferedReader out = process.inputReader()) {
            assertThat(out.readLine()).isEqualTo("waiting");

            process.toHandle().destroy();

            assertThat(out.lines())
                    .anySatisfy(line -> assertThat(line).contains("on purpose"))
                    .last()
                    .isEqualTo("closed");
            assertThat(process.waitFor()).isEqualTo(1);
        } finally {
            process.destroyForcibly();
        }
    }
}
