package blackhole.client.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blackhole.client.evidence.Evidence;
import blackhole.client.evidence.RunEvent;
import blackhole.client.evidence.SocketHistory;
import blackhole.client.evidence.SocketRole;
import blackhole.client.scenario.ScenarioException;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.ScenarioSettings;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With a server in place of the proxy's admin API. */
@Timeout(30)
class ProxyEventsTest {

    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");

    private static final String STREAM = """
            event: hello
            data: {"type":"hello","run":"r","resumed":false,"oldest":0,"newest":0,"outage":false,"middlebox":{}}

            : a comment

            event: flow-opened
            id: r-1
            data: {"id":1,"type":"flow-opened","flowId":7,"at":"2026-11-23T10:00:00.100Z","client":"127.0.0.1:40001",\
            "listen":"127.0.0.1:19092","upstream":"127.0.0.1:9092"}

            data: {"id":2,"type":"flow-opened","flowId":8,"at":"2026-11-23T10:00:00.200Z","client":"127.0.0.1:50000"}

            data: {"id":3,"type":"flow-expired","flowId":7,"at":"2026-11-23T10:00:04Z","cause":"idle","idleMillis":3004,\
            "onExpiry":"drop"}

            data: {"id":4,"type":"flow-expired","flowId":8,"at":"2026-11-23T10:00:05Z","cause":"idle"}

            """;

    private HttpServer admin;
    private int status = 200;

    @BeforeEach
    void serve() throws IOException {
        admin = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        admin.createContext("/api/v1/events", exchange -> {
            byte[] body = STREAM.getBytes(UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        admin.start();
    }

    @AfterEach
    void stop() {
        admin.stop(0);
    }

    @Test
    void flowsAreMatchedWithSocketsByThePortOfTheClient() throws Exception {
        try (ProxyEvents events = ProxyEvents.listen(url(), null)) {

            RunRecord run =
                    events.addTo(new RunRecord("run", report(), new Diagnosis("", List.of(), List.of()), List.of()));

            assertThat(run.events())
                    .containsExactly(
                            new RunEvent(Duration.ofMillis(100), 1, RunEvent.Kind.PROXY, "flow-opened"),
                            new RunEvent(
                                    Duration.ofSeconds(4),
                                    1,
                                    RunEvent.Kind.PROXY,
                                    "flow-expired cause=idle idleMillis=3004 onExpiry=drop"));
            assertThat(run.report().warnings())
                    .singleElement()
                    .asString()
                    .contains("--proxy-admin ended before the run");
        }
    }

    @Test
    void unresponsiveProxyIsGivenUp() throws IOException {
        try (ServerSocket unresponsive = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            URI url = URI.create("http://127.0.0.1:" + unresponsive.getLocalPort());

            assertRefused(url, null, "no answer within 5s; is the proxy's --admin listening there\\?");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "503,,        the proxy responded with status 503",
        "401,,        the proxy requires a token: set --proxy-admin-token-file to the file of its --admin-token-file",
        "401,not-it,  the proxy rejected the token of --proxy-admin-token-file"
    })
    void refusalIsReported(int refusal, @Nullable String token, String reason) {
        status = refusal;

        assertRefused(url(), token, reason);
    }

    @Test
    void missingProxyIsReported() {
        URI url = url();
        admin.stop(0);

        assertRefused(url, null, ".*");
    }

    private static void assertRefused(URI url, @Nullable String token, String reason) {
        assertThatThrownBy(() -> ProxyEvents.listen(url, token))
                .isInstanceOf(ScenarioException.class)
                .hasMessageMatching(Pattern.quote("--proxy-admin " + url + ": ") + reason);
    }

    private URI url() {
        return URI.create("http://127.0.0.1:" + admin.getAddress().getPort());
    }

    private static ScenarioReport report() {
        SocketHistory socket = new SocketHistory(
                1,
                new InetSocketAddress("127.0.0.1", 40_001),
                new InetSocketAddress("127.0.0.1", 19_092),
                new SocketRole(SocketRole.Kind.BOOTSTRAP, -1, List.of()),
                null,
                List.of(),
                Duration.ofMillis(90),
                null,
                null,
                List.of());
        Evidence evidence =
                new Evidence(START, Duration.ofSeconds(9), List.of(), List.of(), List.of(socket), List.of(), null);
        return new ScenarioReport(
                ScenarioSettings.builder("127.0.0.1:19092", "t").build(),
                1,
                List.of(),
                List.of(),
                List.of(),
                null,
                evidence);
    }
}
