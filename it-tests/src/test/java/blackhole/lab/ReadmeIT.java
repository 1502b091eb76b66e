package blackhole.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import blackhole.support.ChildJvm;
import blackhole.support.Tools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The README's two java commands, as they stand there but for the ports: the executable jars, the proxy as the user
 * nobody without capabilities where this is root, and what went over the wire where tcpdump and tshark are installed.
 */
class ReadmeIT {
    private static final Pattern OPENED = Pattern.compile("flow (\\d+) opened: 127\\.0\\.0\\.1:(\\d+) ");
    private static final Pattern EXPIRED = Pattern.compile("(?m)^(\\S+) .* flow (\\d+) expired after");
    private static final Duration STALL = Duration.ofMinutes(1);

    @TempDir
    private static Path directory;

    private static String readme;

    @BeforeAll
    static void readAndCopy() throws IOException {
        readme = Files.readString(Path.of("../README.md"));
        for (String jar : List.of("proxy/target/blackhole-proxy.jar", "client/target/blackhole-client.jar")) {
            Path copy = directory.resolve(Path.of(jar).getFileName());
            Files.copy(Path.of("..").resolve(jar), copy, StandardCopyOption.REPLACE_EXISTING);
        }
        assertThat(directory.toFile().setReadable(true, false)).isTrue();
        assertThat(directory.toFile().setExecutable(true, false)).isTrue();
    }

    @Test
    void readmeCommandsShowTheStallOfAProducerWithoutKeepalive() throws Exception {
        try (EmbeddedKafka broker = EmbeddedKafka.reserve();
                ReservedPort port = ReservedPort.take()) {
            broker.start(port.address());
            int listen = port.address().getPort();
            try (Tool proxy = Tool.start(asNobody(readmeCommand("blackhole-proxy.jar", listen, broker.upstream())))) {
                proxy.awaitOutput("listening on 127.0.0.1:" + listen);

                try (Tool client = Tool.start(readmeCommand("blackhole-client.jar run", listen, broker.upstream()));
                        Tool compare =
                                Tool.start(readmeCommand("blackhole-client.jar compare", listen, broker.upstream()))) {
                    assertThat(client.awaitExit(STALL)).as(client.output()).isZero();
                    assertThat(compare.awaitExit(STALL)).as(compare.output()).isZero();
                    assertThat(directory.resolve("compare.html")).isNotEmptyFile();

                    assertThat(client.output())
                            .contains("keepalive=off")
                            .contains("STALLED")
                            .doesNotContain("bypassed");
                    assertThat(client.output()).doesNotContain("WARNING:");
                }
                assertThat(proxy.output()).contains("segment discarded #3 from client");
                assertThat(proxy.output()).doesNotContain("WARNING:");
                if (isRoot()) {
                    assertThat(proxy.output()).contains("no CAP_NET_ADMIN");
                }
            }
        }
    }

    /** Both sides run here, so what the capture has from the proxy's port is what the middlebox sent. */
    @Test
    void middleboxSendsNothingOnceItHasExpiredAFlow() throws Exception {
        assumeTrue(isRoot(), "only root can capture");
        assumeTrue(Tools.isInstalled("tcpdump") && Tools.isInstalled("tshark"), "needs tcpdump and tshark");
        try (EmbeddedKafka broker = EmbeddedKafka.reserve();
                ReservedPort port = ReservedPort.take()) {
            broker.start(port.address());
            int listen = port.address().getPort();
            try (Tool capture = capture(listen);
                    Tool proxy =
                            Tool.start(asNobody(readmeCommand("blackhole-proxy.jar", listen, broker.upstream())))) {
                proxy.awaitOutput("listening on 127.0.0.1:" + listen);

                try (Tool client = Tool.start(readmeCommand("blackhole-client.jar run", listen, broker.upstream()))) {
                    assertThat(client.awaitExit(STALL)).as(client.output()).isZero();
                }
                capture.stop();
                assertSilence(proxy.output(), listen);
            }
        }
    }

    @Test
    void everyJavaCommandOfTheReadmeForTheProxyStarts() throws Exception {
        List<String> lines = readme.lines()
                .map(String::strip)
                .filter(line -> line.startsWith("java -jar ") && line.contains("blackhole-proxy.jar"))
                .toList();
        assertThat(lines).hasSizeGreaterThan(2);
        for (String line : lines) {
            try (ServerSocket upstream = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                    ReservedPort port = ReservedPort.take();
                    Tool proxy = Tool.start(command(line, port.address().getPort(), upstream.getLocalPort()))) {
                if (line.contains("--list-profiles")) {
                    assertThat(proxy.awaitExit(STALL)).isZero();
                } else {
                    proxy.awaitOutput("listening on 127.0.0.1:" + port.address().getPort());
                }
            }
        }
    }

    private static void assertSilence(String log, int listen) throws Exception {
        List<Packet> packets = Packet.read(directory.resolve("capture.pcap"));
        Matcher expired = EXPIRED.matcher(log);
        int flows = 0;
        while (expired.find()) {
            Instant at = Instant.parse(expired.group(1));
            int client = portOf(expired.group(2), log);
            // The log's time is that of the line, after both legs fell silent.
            assertThat(packets)
                    .filteredOn(p -> p.isFrom(listen, client) && p.at().isAfter(at))
                    .isEmpty();
            flows++;
        }
        assertThat(flows).isGreaterThanOrEqualTo(2);
        assertThat(packets.stream().filter(Packet::isRetransmission).count()).isGreaterThan(3);
    }

    private static int portOf(String flow, String log) {
        Matcher opened = OPENED.matcher(log);
        while (opened.find()) {
            if (opened.group(1).equals(flow)) {
                return Integer.parseInt(opened.group(2));
            }
        }
        throw new AssertionError("flow " + flow + " was never opened");
    }

    private record Packet(Instant at, int from, int to, boolean isRetransmission) {
        static List<Packet> read(Path capture) throws Exception {
            try (Tool tshark = Tool.start(List.of(
                    "tshark",
                    "-r",
                    capture.toString(),
                    "-T",
                    "fields",
                    "-E",
                    "separator=,",
                    "-e",
                    "frame.time_epoch",
                    "-e",
                    "tcp.srcport",
                    "-e",
                    "tcp.dstport",
                    "-e",
                    "tcp.analysis.retransmission"))) {
                assertThat(tshark.awaitExit(STALL)).isZero();
                return tshark.output()
                        .lines()
                        .filter(line -> line.matches("\\d+\\.\\d+,\\d+,\\d+,.*"))
                        .map(Packet::parse)
                        .toList();
            }
        }

        private static Packet parse(String line) {
            String[] fields = line.split(",", -1);
            long nanos = (long) (Double.parseDouble(fields[0]) * 1e6) * 1_000;
            Instant at = Instant.ofEpochSecond(nanos / 1_000_000_000, nanos % 1_000_000_000);
            return new Packet(at, Integer.parseInt(fields[1]), Integer.parseInt(fields[2]), !fields[3].isEmpty());
        }

        boolean isFrom(int source, int destination) {
            return from == source && to == destination;
        }
    }

    private static Tool capture(int port) throws Exception {
        Tool tcpdump = Tool.start(List.of(
                "tcpdump",
                "-i",
                "lo",
                "-U",
                "-w",
                directory.resolve("capture.pcap").toString(),
                "-Z",
                "root",
                "tcp port " + port));
        tcpdump.awaitOutput("listening on lo");
        return tcpdump;
    }

    private static List<String> asNobody(List<String> command) {
        if (!isRoot() || !Tools.isInstalled("setpriv")) {
            return command;
        }
        List<String> all = new ArrayList<>(List.of(
                "setpriv",
                "--reuid=nobody",
                "--regid=nogroup",
                "--clear-groups",
                "--bounding-set=-all",
                "--inh-caps=-all"));
        all.addAll(command);
        return all;
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    /** The first line of the README that has this jar, and what follows it, on this test's ports. */
    private static List<String> readmeCommand(String jar, int listen, InetSocketAddress upstream) {
        return readme.lines()
                .map(String::strip)
                .filter(text -> text.startsWith("java -jar ") && text.contains(jar))
                .findFirst()
                .map(line -> command(line, listen, upstream.getPort()))
                .orElseThrow(() -> new AssertionError("the README has no command with " + jar));
    }

    private static List<String> command(String line, int listen, int upstream) {
        String command = line.replaceAll("\\b19092\\b", String.valueOf(listen))
                .replaceAll("\\b9092\\b", String.valueOf(upstream))
                .replaceAll("\\b8080\\b", "0")
                .replaceAll("\\S*/(blackhole-\\w+\\.jar)|(compare\\.html)", directory + "/$1$2");
        List<String> words = new ArrayList<>(List.of(command.split(" ")));
        words.set(0, Path.of(System.getProperty("java.home"), "bin", "java").toString());
        return words;
    }

    /** A child process and what it has printed. */
    private static final class Tool implements AutoCloseable {
        private final Process process;
        private final Path output;

        private Tool(List<String> command) throws IOException {
            output = Files.createTempFile(directory, "output", ".txt");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().keySet().removeIf(ChildJvm::changesAJvm);
            process = builder.start();
        }

        static Tool start(List<String> command) throws IOException {
            return new Tool(command);
        }

        String output() {
            try {
                return Files.readString(output);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void awaitOutput(String text) {
            await().atMost(20, TimeUnit.SECONDS)
                    .untilAsserted(() -> assertThat(output()).contains(text));
        }

        int awaitExit(Duration limit) throws InterruptedException {
            assertThat(process.waitFor(limit.toSeconds(), TimeUnit.SECONDS))
                    .as("it ended")
                    .isTrue();
            return process.exitValue();
        }

        void stop() throws InterruptedException {
            process.destroy();
            process.waitFor(5, TimeUnit.SECONDS);
        }

        @Override
        public void close() {
            process.destroy();
            process.destroyForcibly();
        }
    }
}
