package blackhole.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import blackhole.middlebox.config.Endpoint;
import blackhole.proxy.http.AdminClient;
import blackhole.support.ChildProcess;
import blackhole.support.Tools;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxyMainIT {
    private static final String TIMESTAMP = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";
    private static final Path UNPRIVILEGED_FROM = Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    private static final int PRIVILEGED = 1;
    private static final String NO_EPOLL = "-Dio.netty.transport.noNative=true";

    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    @TempDir
    private Path directory;

    private ServerSocket upstream;

    @BeforeEach
    void listen() throws IOException {
        upstream = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        upstream.setSoTimeout(10_000);
    }

    @AfterEach
    void close() throws IOException {
        upstream.close();
    }

    /** Nothing listens on port 1. */
    @ParameterizedTest
    @CsvSource({
        "1, --route 127.0.0.1:OPEN=127.0.0.1:1 --no-upstream-check, --route, in use",
        "1, --route 0=no-such-host.invalid:9092, --route, no-such-host.invalid",
        "1, --route 0=127.0.0.1:1, 127.0.0.1:1, --no-upstream-check",
        "1, --route 0=none --admin OPEN, --admin, 'OPEN: the port is in use'",
        "1, --route 192.0.2.1:0=127.0.0.1:OPEN, --route, no such address",
        "2, --route 0=127.0.0.1:OPEN --only-clients 10.0.0.0/99, --only-clients, /99"
    })
    void failureToStartIsOneLine(int exitCode, String options, String where, String what) throws Exception {
        String open = String.valueOf(upstream.getLocalPort());
        String[] arguments = options.replace("OPEN", open).split(" ");

        assertFails(exitCode, ProxyProcess.start(directory, arguments), where, what.replace("OPEN", open));
    }

    @Test
    void privilegedPortIsOneLine() throws Exception {
        // Line by line, as the kernel answers only the first read, and readString reads a byte first.
        assumeThat(Integer.parseInt(Files.readAllLines(UNPRIVILEGED_FROM).get(0)))
                .as("first unprivileged port")
                .isGreaterThan(PRIVILEGED);

        ChildProcess.Builder unprivileged = ChildProcess.in(directory);
        if (Tools.isRoot()) {
            unprivileged.under("setpriv", "--bounding-set=-net_bind_service", "--inh-caps=-net_bind_service");
        }
        assertFails(
                1,
                ProxyProcess.start(unprivileged, "--route", PRIVILEGED + "=127.0.0.1:" + upstream.getLocalPort()),
                "--route",
                "127.0.0.1:" + PRIVILEGED,
                "need privileges");
    }

    @Test
    void systemWithoutEpollIsRefusedWithAdvice() throws Exception {
        assertFails(
                1,
                ProxyProcess.start(ChildProcess.in(directory).flag(NO_EPOLL), "--route", route()),
                "epoll",
                "container",
                "on-expiry",
                "stall");
    }

    private static void assertFails(int exitCode, ProxyProcess started, String... words) throws InterruptedException {
        try (ProxyProcess process = started) {
            assertThat(process.awaitExit()).isEqualTo(exitCode);
            assertThat(process.err()).singleElement().satisfies(line -> assertThat(line)
                    .startsWith("blackhole-proxy: ")
                    .contains(words));
            assertThat(process.out()).isEmpty();
        }
    }

    @Test
    void missingUpstreamIsNoErrorWithoutTheCheck() throws Exception {
        int port = upstream.getLocalPort();
        upstream.close();
        try (ProxyProcess process =
                ProxyProcess.start(directory, "--route", "0=127.0.0.1:" + port, "--no-upstream-check")) {
            int proxyPort = process.awaitPort();

            try (Socket client = new Socket("127.0.0.1", proxyPort)) {
                process.awaitOutput("upstream 127.0.0.1:" + port + " is unreachable");
                assertThat(client.isConnected()).isTrue();
            }

            assertThat(process.out().stream().filter(line -> line.contains("unreachable")))
                    .hasSize(1);
            assertThat(process.err()).isEmpty();
        }
    }

    @Test
    void allAddressesOfTheUpstreamsNameAreTriedInOrder() throws Exception {
        Path hosts = Files.writeString(directory.resolve("hosts"), "127.0.0.2 two.test\n127.0.0.1 two.test\n");
        String port = ":" + upstream.getLocalPort();
        try (ProxyProcess process = ProxyProcess.start(
                ChildProcess.in(directory).flag("-Djdk.net.hosts.file=" + hosts),
                "--route=0=two.test" + port,
                "--no-upstream-check")) {
            int proxyPort = process.awaitPort();

            try (Socket client = new Socket("127.0.0.1", proxyPort);
                    Socket server = upstream.accept()) {
                client.getOutputStream().write(1);
                assertThat(server.getInputStream().read()).isEqualTo(1);
                process.awaitOutput("-> 127.0.0.1" + port);
            }
            upstream.close();
            try (Socket client = new Socket("127.0.0.1", proxyPort)) {
                process.awaitOutput("is unreachable");
                assertThat(client.isConnected()).isTrue();
            }

            assertThat(process.out())
                    .anySatisfy(line -> assertThat(line)
                            .containsSubsequence(
                                    "upstream two.test" + port + " answered at 127.0.0.1" + port + "; tried before: ",
                                    "Connection refused: two.test/127.0.0.2" + port))
                    .anySatisfy(line -> assertThat(line)
                            .containsSubsequence(
                                    "upstream two.test" + port + " is unreachable: ",
                                    "Connection refused: two.test/127.0.0.2" + port + "; ",
                                    "Connection refused: two.test/127.0.0.1" + port));
        }
    }

    @Test
    void terminationFinishesLiveFlowsAndExitsWithZero() throws Exception {
        try (ProxyProcess process = ProxyProcess.start(directory, "--route", route(), "--no-upstream-check");
                Socket client = new Socket("127.0.0.1", process.awaitPort());
                Socket server = upstream.accept()) {
            client.setSoTimeout(5_000);
            server.setSoTimeout(5_000);
            client.getOutputStream().write(1);
            assertThat(server.getInputStream().read()).isEqualTo(1);

            process.terminate();

            assertThat(client.getInputStream().read()).as("FIN at the client").isEqualTo(-1);
            assertThat(server.getInputStream().read()).as("FIN at the upstream").isEqualTo(-1);
            assertThat(process.awaitExit(Duration.ofSeconds(5))).isZero();
            assertThat(process.err()).isEmpty();
            assertThat(process.out()).last().asString().contains("stopped");
        }
    }

    @Test
    void textLogHasOneLinePerEvent() throws Exception {
        List<String> lines = logOfAnExpiredFlow();

        assertThat(lines).allSatisfy(line -> assertThat(line).matches(TIMESTAMP + " (INFO |WARN ) \\S.*"));
        assertThat(lines.stream().filter(line -> line.contains("flow 1 ")))
                .satisfiesExactly(
                        line -> assertThat(line)
                                .containsPattern("flow 1 opened: 127.0.0.1:\\d+ -> 127.0.0.1:\\d+ -> 127.0.0.1:\\d+"),
                        line -> assertThat(line).containsPattern("flow 1 expired after \\d+\\.\\d{3} s idle"),
                        line -> assertThat(line)
                                .containsPattern(
                                        "flow 1 segment discarded #1 from client, \\d\\.\\d{3} s after expiry"),
                        line -> assertThat(line)
                                .containsPattern("flow 1 segment discarded #2 from client, \\+0\\.\\d{3} s"),
                        line -> assertThat(line).contains("flow 1 closed by shutdown"));
    }

    @Test
    void jsonLogHasTheSameEvents() throws Exception {
        List<String> lines = logOfAnExpiredFlow("--log-format", "json");

        assertThat(lines).allSatisfy(line -> assertThat(parse(line)).containsKeys("timestamp", "level"));
        List<Map<String, Object>> events = lines.stream()
                .map(ProxyMainIT::parse)
                .map(ProxyMainIT::pairs)
                .filter(pairs -> "1".equals(pairs.get("flowId")))
                .toList();
        assertThat(events.get(0)).containsEntry("event", "FlowOpened").containsKeys("client", "listen", "upstream");
        assertThat(events.get(1))
                .containsEntry("event", "FlowExpired")
                .containsEntry("onExpiry", "DROP")
                .containsKey("idleMillis");
        assertThat(events.get(2))
                .containsEntry("event", "SegmentDiscarded")
                .containsEntry("leg", "client")
                .containsKey("sinceExpiryMillis")
                .doesNotContainKey("gapMillis");
        assertThat(events.get(3)).containsEntry("event", "SegmentDiscarded").containsKey("gapMillis");
        assertThat(events.get(events.size() - 1))
                .containsEntry("event", "FlowClosed")
                .containsEntry("how", "SHUTDOWN")
                .containsEntry("bytesFromClient", "1");
        List<Object> numbers = events.stream()
                .filter(pairs -> pairs.containsValue("SegmentDiscarded"))
                .map(pairs -> pairs.get("number"))
                .toList();
        assertThat(numbers)
                .as(String.join("\n", lines))
                .isEqualTo(IntStream.rangeClosed(1, numbers.size())
                        .mapToObj(String::valueOf)
                        .toList());
    }

    private static Map<String, Object> parse(String line) {
        try {
            return JSON.readValue(line, new TypeReference<>() {});
        } catch (JsonProcessingException e) {
            throw new AssertionError(line, e);
        }
    }

    /** Logback's {@code kvpList}, flat. */
    private static Map<String, Object> pairs(Map<String, Object> line) {
        Map<String, Object> pairs = new LinkedHashMap<>();
        if (line.get("kvpList") instanceof List<?> list) {
            list.forEach(pair -> ((Map<?, ?>) pair).forEach((key, value) -> pairs.put((String) key, value)));
        }
        return pairs;
    }

    /** A flow that is opened, idle, expired, and sends a byte that is retransmitted once before the proxy ends. */
    private List<String> logOfAnExpiredFlow(String... more) throws Exception {
        String[] arguments = Stream.concat(
                        Stream.of("--route", route(), "--idle-timeout", "800ms", "--no-upstream-check"),
                        Stream.of(more))
                .toArray(String[]::new);
        try (ProxyProcess process = ProxyProcess.start(directory, arguments);
                Socket client = new Socket("127.0.0.1", process.awaitPort());
                Socket server = upstream.accept()) {
            client.getOutputStream().write(1);
            assertThat(server.getInputStream().read()).isEqualTo(1);
            process.awaitOutput("flow 1 expired");
            client.getOutputStream().write(2);
            process.awaitOutput("flow 1 segment discarded #2");

            process.terminate();

            assertThat(process.awaitExit(Duration.ofSeconds(5))).isZero();
            assertThat(process.err()).isEmpty();
            return process.out().stream()
                    .filter(line -> !line.contains("segment discarded #3"))
                    .toList();
        }
    }

    @Test
    void stallWorksWithoutEpollAndWarns() throws Exception {
        try (ProxyProcess process = ProxyProcess.start(
                        ChildProcess.in(directory).flag(NO_EPOLL),
                        "--route",
                        route(),
                        "--no-upstream-check",
                        "--on-expiry",
                        "stall",
                        "--idle-timeout",
                        "800ms");
                Socket client = new Socket("127.0.0.1", process.awaitPort());
                Socket server = upstream.accept()) {
            client.getOutputStream().write(1);
            assertThat(server.getInputStream().read()).isEqualTo(1);

            process.awaitOutput("flow 1 expired");

            assertThat(process.out())
                    .anySatisfy(line -> assertThat(line).contains("WARN").contains("keeps acknowledging"));
            assertThat(process.err()).isEmpty();
            process.terminate();
            assertThat(process.awaitExit(Duration.ofSeconds(5))).isZero();
        }
    }

    @Test
    void changesThroughTheApiAreLoggedWithTheirAuthor() throws Exception {
        try (ProxyProcess process =
                ProxyProcess.start(directory, "--route", "0=none", "--idle-timeout", "1m", "--admin", "0")) {
            process.awaitOutput("API at");
            try (AdminClient client = new AdminClient(admin(process))) {
                client.patch("{\"idleTimeout\": \"3s\", \"maxFlows\": 7, \"maxTombstones\": 10000}")
                        .ok();
                client.patch("{\"idleTimeout\": \"3s\", \"maxFlows\": null}").ok();
                client.json("PUT", "/api/v1/outage", "{\"on\": true}").ok();
                client.json("PUT", "/api/v1/outage", "{\"on\": true}").ok();
                client.json("PUT", "/api/v1/outage", "{\"on\": false}").ok();
            }
            process.terminate();
            process.awaitExit();

            assertThat(process.out().stream().filter(line -> line.contains(" by 127.0.0.1:")))
                    .map(line -> line.replaceAll("^\\S+ ", "").replaceAll(":\\d+$", ":PORT"))
                    .containsExactlyInAnyOrder(
                            "INFO  idle timeout changed from 1m to 3s by 127.0.0.1:PORT",
                            "INFO  max flows changed from as many as the file descriptors allow to 7 by 127.0.0.1:PORT",
                            "INFO  max flows changed from 7 to as many as the file descriptors allow by 127.0.0.1:PORT",
                            "INFO  outage started by 127.0.0.1:PORT",
                            "INFO  outage ended by 127.0.0.1:PORT");
        }
    }

    private static Endpoint admin(ProxyProcess process) {
        Matcher url = Pattern.compile("API at http://([^/]+)/").matcher(String.join("\n", process.out()));
        assertThat(url.find()).isTrue();
        return Endpoint.parse(url.group(1));
    }

    /** The ports are fixed, so that the test knows them before the proxy tells them. */
    @Test
    void apiAnswersBeforeTheFirstRouteAccepts() throws Exception {
        int route = freePort();
        int admin = freePort();
        try (ProxyProcess process =
                        ProxyProcess.start(directory, "--route", route + "=none", "--admin", String.valueOf(admin));
                AdminClient client = new AdminClient(new Endpoint("127.0.0.1", admin))) {
            await().pollInSameThread()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> accepts(route));

            assertThat(client.get("/health").status()).isEqualTo(200);
            assertThat(process.process().isAlive()).isTrue();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void readyFileHasTheChosenPortsUntilTheEnd() throws Exception {
        Path ready = Files.writeString(directory.resolve("ready.json"), "left by a killed proxy");
        try (ProxyProcess process = ProxyProcess.start(
                directory, "--route", route(), "--route", "0=none", "--admin", "0", "--ready-file", ready.toString())) {
            await().atMost(AdminClient.PATIENCE)
                    .ignoreExceptionsInstanceOf(NoSuchFileException.class)
                    .until(() -> Files.readString(ready).startsWith("{"));
            JsonNode written = AdminClient.JSON.readTree(Files.readString(ready));

            try (AdminClient client =
                            new AdminClient(Endpoint.parse(written.get("admin").textValue()));
                    Socket flow = connect(written.at("/routes/0/listen").textValue())) {
                assertThat(flow.isConnected()).isTrue();
                assertThat(client.get("/api/v1/routes").ok().get("routes")).isEqualTo(written.get("routes"));
                assertThat(written.at("/routes/0/upstream").textValue())
                        .isEqualTo("127.0.0.1:" + upstream.getLocalPort());
            }
            process.terminate();
            assertThat(process.awaitExit()).isZero();
            assertThat(ready).doesNotExist();
            try (Stream<Path> left = Files.list(directory)) {
                assertThat(left.map(Path::getFileName).map(Path::toString)).noneMatch(name -> name.contains("ready"));
            }
        }
    }

    private static Socket connect(String address) throws IOException {
        Endpoint endpoint = Endpoint.parse(address);
        return new Socket(endpoint.host(), endpoint.port());
    }

    @ParameterizedTest
    @CsvSource({"noexec, 'mounted noexec'", "ro, 'can''t be written to'"})
    void unusableTemporaryDirectoryIsNamedWithTheRemedy(String option, String problem) throws Exception {
        assumeTrue(Tools.isRoot(), "only root can mount a file system");
        Path temporary = Files.createDirectory(directory.resolve(option));
        String mount = "mount -t tmpfs -o " + option + " none " + temporary + " && exec \"$@\"";

        assertFails(
                1,
                ProxyProcess.start(
                        ChildProcess.in(directory)
                                .under("unshare", "--mount", "sh", "-c", mount, "sh")
                                .flag("-Djava.io.tmpdir=" + temporary),
                        "--route",
                        route()),
                "the temporary directory " + temporary,
                problem,
                "-Djava.io.tmpdir=DIRECTORY");
    }

    private String route() {
        return "0=127.0.0.1:" + upstream.getLocalPort();
    }
}
