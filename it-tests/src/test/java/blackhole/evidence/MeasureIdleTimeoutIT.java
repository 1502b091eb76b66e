package blackhole.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.Route;
import blackhole.support.ChildProcess;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client's measurement of a proxy whose idle timeout is known; the server is one that never reads or writes. */
class MeasureIdleTimeoutIT {

    private static final Path JAR = Path.of("..", "client", "target", "blackhole-client.jar");
    private static final Pattern RESULT = Pattern.compile("idle timeout: between ([\\d.]+)s and ([\\d.]+)s\\s*");

    @TempDir
    private Path directory;

    @Test
    void idleTimeoutIsFoundWhetherTheBoxIsSilentOrResponds() throws Exception {
        try (ServerSocket server = server();
                Middlebox silent = proxy(server, OnExpiry.DROP);
                Middlebox resetting = proxy(server, OnExpiry.RESET_SENDER);
                ChildProcess first = measure(silent, "20s");
                ChildProcess second = measure(resetting, "20s")) {
            for (ChildProcess client : List.of(first, second)) {

                int exit = client.end();

                assertThat(exit).as(client.output()).isZero();
                assertIsTwoSeconds(client.out());
            }
        }
    }

    @Test
    void idleTimeoutBeyondTheLongestIsReported() throws Exception {
        try (ServerSocket server = server();
                Middlebox proxy = proxy(server, OnExpiry.DROP);
                ChildProcess client = measure(proxy, "1500ms")) {

            int exit = client.end();

            assertThat(exit).isEqualTo(1);
            assertThat(client.err()).contains("no connection expired within 1.5s", "raise --longest");
        }
    }

    private static void assertIsTwoSeconds(String output) {
        Matcher result = RESULT.matcher(output);
        assertThat(result.matches()).as(output).isTrue();
        double alive = Double.parseDouble(result.group(1));
        double expired = Double.parseDouble(result.group(2));
        // The proxy is late by a tick, and by more on a busy machine.
        assertThat(alive).isBetween(1.7, 2.5);
        assertThat(expired).isBetween(2.0, 2.7);
        assertThat(expired - alive).isLessThan(0.5);
    }

    private static ServerSocket server() throws Exception {
        return new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    }

    private static Middlebox proxy(ServerSocket server, OnExpiry onExpiry) {
        return Middlebox.builder()
                .route(Route.parse("127.0.0.1:0=127.0.0.1:" + server.getLocalPort()))
                .idleTimeout(Duration.ofSeconds(2))
                .onExpiry(onExpiry)
                .start();
    }

    private ChildProcess measure(Middlebox proxy, String longest) throws Exception {
        return ChildProcess.in(directory)
                .runJar(
                        JAR,
                        "measure-idle-timeout",
                        "--server",
                        "127.0.0.1:" + proxy.addresses().get(0).getPort(),
                        "--longest",
                        longest);
    }
}
