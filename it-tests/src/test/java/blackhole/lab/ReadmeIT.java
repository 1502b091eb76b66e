package blackhole.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import blackhole.support.Capture;
import blackhole.support.Capture.Packet;
import blackhole.support.ChildProcess;
import blackhole.support.Tools;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The java commands of the README, and of its pages on proxy and client, with the test's ports and a shorter request timeout:
 * the executable jars, the proxy as the user nobody without capabilities if this is root, and the packets on the wire if
 * tcpdump and tshark are installed.
 */
@Execution(ExecutionMode.CONCURRENT)
@Tag("broker")
@Tag("slow")
class ReadmeIT {
    private static final Pattern OPENED = Pattern.compile("flow (\\d+) opened: 127\\.0\\.0\\.1:(\\d+) ");
    private static final Pattern EXPIRED = Pattern.compile("(?m)^(\\S+) .* flow (\\d+) expired after");
    private static final Duration STALL = Duration.ofMinutes(1);

    @TempDir
    private static Path directory;

    private static String readme = "";

    @BeforeAll
    static void readAndCopy() throws IOException {
        for (String page : List.of("README.md", "docs/proxy.md", "docs/client.md")) {
            readme += Files.readString(Path.of("..", page));
        }
        for (String jar : List.of("proxy/target/blackhole-proxy.jar", "client/target/blackhole-client.jar")) {
            Path copy = directory.resolve(Path.of(jar).getFileName());
            Files.copy(Path.of("..").resolve(jar), copy, StandardCopyOption.REPLACE_EXISTING);
        }
        assertThat(directory.toFile().setReadable(true, false)).isTrue();
        assertThat(directory.toFile().setExecutable(true, false)).isTrue();
    }

    @Test
    void readmeCommandsShowTheStallOfAProducerWithoutKeepalive() throws Exception {
        try (Setup setup = new Setup();
                ChildProcess client = setup.start("blackhole-client.jar run");
                ChildProcess compare = setup.start("blackhole-client.jar compare")) {
            assertThat(client.awaitExit(STALL)).as(client.output()).isZero();
            assertThat(compare.awaitExit(STALL)).as(compare.output()).isZero();

            assertThat(directory.resolve("compare.html")).isNotEmptyFile();
            assertThat(client.output()).contains("keepalive=off", "STALLED").doesNotContain("bypassed", "WARNING:");
            assertThat(setup.proxy.output())
                    .contains("segment discarded #3 from client")
                    .doesNotContain("WARNING:");
            if (Tools.isRoot()) {
                assertThat(setup.proxy.output()).contains("no CAP_NET_ADMIN");
            }
        }
    }

    /** Both sides run here, so the packets from the proxy's port are those that the middlebox sent. */
    @Test
    void middleboxSendsNothingOnceItHasExpiredAFlow() throws Exception {
        Optional<String> whyNot = Capture.whyNot();
        assumeTrue(whyNot.isEmpty(), () -> whyNot.orElseThrow());
        try (Setup setup = new Setup();
                Capture capture = Capture.start(directory.resolve("capture.pcap"), "lo", "tcp port " + setup.port());
                ChildProcess client = setup.start("blackhole-client.jar run")) {
            assertThat(client.awaitExit(STALL)).as(client.output()).isZero();

            assertNothingSentAfterExpiry(setup.proxy.output(), setup.port(), capture.stop());
        }
    }

    /** A broker, and the README's proxy in front of it. */
    private static final class Setup implements AutoCloseable {
        final EmbeddedKafka broker = EmbeddedKafka.reserve();
        final ReservedPort listen = ReservedPort.take();
        final ChildProcess proxy;

        Setup() {
            broker.start(listen.address());
            proxy = ReadmeIT.start(asNobody(readmeCommand("blackhole-proxy.jar", port(), broker.upstream())));
            proxy.awaitOutput("listening on 127.0.0.1:" + port());
        }

        int port() {
            return listen.address().getPort();
        }

        ChildProcess start(String command) {
            return ReadmeIT.start(readmeCommand(command, port(), broker.upstream()));
        }

        @Override
        public void close() {
            proxy.close();
            listen.close();
            broker.close();
        }
    }

    @Test
    void everyProxyCommandOfTheReadmeStarts() throws Exception {
        List<String> lines = readmeLines("blackhole-proxy.jar").toList();
        assertThat(lines).hasSizeGreaterThan(2);
        for (String line : lines) {
            try (ServerSocket upstream = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                    ReservedPort port = ReservedPort.take();
                    ChildProcess proxy = start(command(line, port.address().getPort(), upstream.getLocalPort()))) {
                if (line.contains("--list-profiles")) {
                    assertThat(proxy.awaitExit(STALL)).isZero();
                } else {
                    proxy.awaitOutput("listening on 127.0.0.1:" + port.address().getPort());
                }
            }
        }
    }

    @Test
    void agentOfTheReadmeAcceptsItsOptions() throws Exception {
        String line = lineStartingWith("java -javaagent:");
        assertThat(line).endsWith(" -jar anyones-kafka-app.jar");

        assertSucceeds(List.of("bash", "-c", "cd .. && " + line.replaceAll("-jar \\S+$", "-version")));
    }

    @Test
    void socketsCommandOfTheReadmeWorks() throws Exception {
        assertSucceeds(List.of("bash", "-c", lineStartingWith("ss ")));
    }

    @Test
    @Tag("root")
    void sysctlCommandOfTheReadmeWorks() throws Exception {
        assumeTrue(Tools.isRoot(), "only root can make a network namespace");

        assertSucceeds(List.of("unshare", "-n", "bash", "-c", lineStartingWith("sysctl ")));
    }

    @Test
    @Tag("root")
    void wrapCommandOfTheReadmeTakesTheProgramThroughTheProxy() throws Exception {
        assumeTrue(Tools.isRoot(), "only root can redirect connections");
        List<String> missing = Tools.missing("nft", "setpriv", "kcat");
        assumeTrue(missing.isEmpty(), () -> "not installed: " + String.join(", ", missing));
        String line = lineStartingWith("sudo java -jar ").substring("sudo ".length());
        try (EmbeddedKafka broker = EmbeddedKafka.reserve()) {
            broker.start(broker.upstream());
            new Topics(broker.directBootstrap()).create("orders", 1);
            int port = broker.upstream().getPort();
            try (ChildProcess wrap = start(command(line.replace("broker.example", "127.0.0.1"), port, port))) {
                wrap.send("a message");

                assertThat(wrap.end()).as(wrap.output()).isZero();
                assertThat(wrap.err()).contains("-> 127.0.0.1:" + port, ", 0 expired");
            }
        }
    }

    private static String lineStartingWith(String start) {
        return readme.lines()
                .map(String::strip)
                .filter(line -> line.startsWith(start))
                .findFirst()
                .orElseThrow();
    }

    private static void assertSucceeds(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(output).isZero();
    }

    private static void assertNothingSentAfterExpiry(String log, int listen, List<Packet> packets) {
        Matcher expired = EXPIRED.matcher(log);
        int flows = 0;
        while (expired.find()) {
            Instant at = Instant.parse(expired.group(1));
            int client = portOf(expired.group(2), log);
            // The line was logged after both legs were blackholed.
            assertThat(packets)
                    .filteredOn(packet -> packet.from() == listen && packet.to() == client)
                    .noneMatch(packet -> packet.at().isAfter(at));
            flows++;
        }
        assertThat(flows).isGreaterThanOrEqualTo(2);
        assertThat(packets.stream().filter(Packet::isRetransmission).count()).isGreaterThan(3);
    }

    private static ChildProcess start(List<String> command) {
        return ChildProcess.in(directory).start(command);
    }

    private static int portOf(String flow, String log) {
        return OPENED.matcher(log)
                .results()
                .filter(opened -> opened.group(1).equals(flow))
                .map(opened -> Integer.parseInt(opened.group(2)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("flow " + flow + " was never opened"));
    }

    private static List<String> asNobody(List<String> command) {
        if (!Tools.isRoot() || !Tools.isInstalled("setpriv")) {
            return command;
        }
        String setpriv = "setpriv --reuid=nobody --regid=nogroup --clear-groups --bounding-set=-all --inh-caps=-all";
        return Stream.concat(Stream.of(setpriv.split(" ")), command.stream()).toList();
    }

    private static Stream<String> readmeLines(String jar) {
        return readme.lines().map(String::strip).filter(line -> line.startsWith("java -jar ") && line.contains(jar));
    }

    /** The first line of the README that has this jar, and what follows it, on this test's ports. */
    private static List<String> readmeCommand(String jar, int listen, InetSocketAddress upstream) {
        return command(readmeLines(jar).findFirst().orElseThrow(), listen, upstream.getPort());
    }

    private static List<String> command(String line, int listen, int upstream) {
        String command = line.replaceAll("\\b19092\\b", String.valueOf(listen))
                .replaceAll("\\b9092\\b", String.valueOf(upstream))
                .replaceAll("\\b8080\\b", "0")
                .replaceAll("--request-timeout \\d+s", "--request-timeout 6s")
                .replaceAll("\\S*/(blackhole-\\w+\\.jar)|(compare\\.html)", directory + "/$1$2");
        List<String> words = new ArrayList<>(List.of(command.split(" ")));
        words.set(0, Path.of(System.getProperty("java.home"), "bin", "java").toString());
        return words;
    }
}
