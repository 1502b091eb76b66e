package blackhole.client.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs without a broker; it-tests has those with one. */
@Timeout(30)
class ScenarioIT {

    @Test
    void refusedConnectionIsReportedAtOnce() throws IOException {
        int port = freePort();

        String message = failureOf(ScenarioSettings.builder("127.0.0.1:" + port, "t"));

        assertThat(message)
                .isEqualTo("--bootstrap-server 127.0.0.1:" + port
                        + ": connection refused; is a broker or the proxy listening there?");
    }

    @Test
    void unknownHostIsReportedByName() {
        String message = failureOf(ScenarioSettings.builder("no-such-host.invalid:9092", "t"));

        assertThat(message)
                .isEqualTo("--bootstrap-server no-such-host.invalid:9092: unknown host no-such-host.invalid");
    }

    @Test
    void unresponsiveServerIsGivenUpAfterTheLookupTimeout() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String server = "127.0.0.1:" + silent.getLocalPort();

            long start = System.nanoTime();
            ScenarioSettings settings = ScenarioSettings.builder(server, "t").build();
            ScenarioException failure = catchThrowableOfType(
                    ScenarioException.class, () -> TopicLookup.partitions(settings, Duration.ofSeconds(2)));
            Duration elapsed = Duration.ofNanos(System.nanoTime() - start);

            assertThat(failure).message().startsWith("--bootstrap-server " + server + ": no answer within 2s");
            assertThat(elapsed).isLessThan(Duration.ofSeconds(6));
        }
    }

    private static String failureOf(ScenarioSettings.Builder builder) {
        return catchThrowableOfType(ScenarioException.class, () -> Scenario.run(builder.build(), ScenarioListener.NONE))
                .getMessage();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
