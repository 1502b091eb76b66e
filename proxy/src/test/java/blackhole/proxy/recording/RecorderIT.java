package blackhole.proxy.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import blackhole.proxy.api.Labels;
import blackhole.proxy.http.AdminRig;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class RecorderIT {
    /** Every write to it fails as on a full disk. */
    private static final Path FULL = Path.of("/dev/full");

    private final Labels labels = new Labels();

    @Test
    void nothingIsKeptForAFileThatCanNoLongerBeWritten() throws IOException {
        try (AdminRig rig = AdminRig.start();
                Recorder recorder = new Recorder(rig.proxy(), labels, FULL, Files.newBufferedWriter(FULL))) {
            await().atMost(AdminRig.PATIENCE).untilAsserted(() -> {
                labels.put(1, "a label");
                assertThat(recorder.backlog()).isZero();
            });
        }
    }

    @Test
    void anInterruptedCloseClosesTheFile() throws IOException {
        ClosedOrNot file = new ClosedOrNot();
        try (AdminRig rig = AdminRig.start()) {
            Recorder recorder = new Recorder(rig.proxy(), labels, FULL, new BufferedWriter(file));

            Thread.currentThread().interrupt();
            recorder.close();

            assertThat(Thread.interrupted()).isTrue();
            assertThat(file.isClosed).isTrue();
        }
    }

    private static final class ClosedOrNot extends StringWriter {
        private volatile boolean isClosed;

        @Override
        public void close() {
            isClosed = true;
        }
    }
}
