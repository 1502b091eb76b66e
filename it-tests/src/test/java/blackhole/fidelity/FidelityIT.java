package blackhole.fidelity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.SoftAssertions.assertSoftly;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import blackhole.fidelity.Namespaces.Host;
import blackhole.support.Capture;
import blackhole.support.Capture.Packet;
import blackhole.support.OwnThread;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("root")
@Tag("slow")
final class FidelityIT {
    private static final Path JAR =
            Path.of(System.getProperty("blackhole.proxy.jar", "../proxy/target/blackhole-proxy.jar"));

    /** To see how the test fails: {@code -Dfidelity.proxy.options="--on-expiry stall"}. */
    private static final List<String> OPTIONS = Stream.of(
                    System.getProperty("fidelity.proxy.options", "").split(" "))
            .filter(option -> !option.isEmpty())
            .toList();

    private static final Path DIRECTORY = Path.of("target", "fidelity");

    private static final Path LIMITS_PAGE = Path.of("..", "docs", "limits.md");

    private static final int FIRST_PORT = 7001;

    @Test
    void differsFromRealNatAsListedAndNowhereElse() throws Exception {
        Optional<String> whyNot = Namespaces.whyNone();
        assumeTrue(whyNot.isEmpty(), () -> whyNot.orElseThrow());
        assertThat(JAR)
                .as("the proxy's executable jar, built before this module")
                .exists();

        Future<Map<Case, CaseTrace>> nat = run(new TestedMiddlebox.Nat());
        Future<Map<Case, CaseTrace>> proxy = run(new TestedMiddlebox.Proxy(JAR.toAbsolutePath(), OPTIONS));

        Files.writeString(DIRECTORY.resolve("report.md"), Differences.report(nat.get(), proxy.get()));
        Set<String> seen = Differences.between(nat.get(), proxy.get());
        Set<String> expected = KnownDifferences.read().lines();
        assertSoftly(softly -> {
            softly.assertThat(without(seen, expected))
                    .as("seen, but not listed ('CASE | PLACE | NAT | PROXY'; %s has everything)", DIRECTORY)
                    .isEmpty();
            softly.assertThat(without(expected, seen))
                    .as("listed, but not seen")
                    .isEmpty();
        });
    }

    private static List<String> without(Set<String> lines, Set<String> others) {
        return lines.stream().filter(line -> !others.contains(line)).toList();
    }

    @Test
    void limitsPageExplainsEachDifferenceAndListsTheOtherCases() throws Exception {
        KnownDifferences known = KnownDifferences.read();
        String alike = Cases.ALL.stream()
                .filter(known::hasNone)
                .map(played -> "- " + played)
                .collect(Collectors.joining("\n"));

        assertThat(Files.readAllLines(LIMITS_PAGE).stream().filter(line -> line.startsWith("| ")))
                .extracting(row -> row.split(" *\\| *")[1])
                .containsExactlyElementsOf(Stream.concat(Stream.of("What"), known.headings().stream())
                        .toList());
        assertThat(LIMITS_PAGE).content().contains("\n" + alike + "\n\n");
    }

    private static Future<Map<Case, CaseTrace>> run(TestedMiddlebox middlebox) {
        return OwnThread.call(() -> runAll(middlebox, Files.createDirectories(DIRECTORY.resolve(middlebox.title()))));
    }

    private static Map<Case, CaseTrace> runAll(TestedMiddlebox middlebox, Path directory) throws Exception {
        List<Integer> ports = IntStream.range(FIRST_PORT, FIRST_PORT + Cases.ALL.size())
                .boxed()
                .toList();
        try (Namespaces namespaces = new Namespaces(middlebox.title())) {
            middlebox.start(namespaces, ports, directory);
            PeerProcess client = PeerProcess.start(namespaces, Host.CLIENT, directory);
            PeerProcess server = PeerProcess.start(namespaces, Host.SERVER, directory);
            Capture atClient = namespaces.capture(Host.CLIENT, directory.resolve("client.pcap"));
            Capture atServer = namespaces.capture(Host.SERVER, directory.resolve("server.pcap"));

            List<Future<CaseRun>> running = new ArrayList<>();
            for (int i = 0; i < ports.size(); i++) {
                Case script = Cases.ALL.get(i);
                CaseRun run =
                        new CaseRun(namespaces, directory, middlebox, client, server, "case" + (i + 1), ports.get(i));
                running.add(OwnThread.call(() -> {
                    script.script().accept(run);
                    run.phase("after");
                    return run;
                }));
            }
            List<CaseRun> runs = new ArrayList<>();
            for (Future<CaseRun> run : running) {
                runs.add(run.get());
            }

            List<Packet> clientSaw = atClient.stop();
            List<Packet> serverSaw = atServer.stop();
            Map<Case, CaseTrace> traces = new LinkedHashMap<>();
            for (int i = 0; i < ports.size(); i++) {
                traces.put(Cases.ALL.get(i), trace(runs.get(i), clientSaw, serverSaw));
            }
            return traces;
        }
    }

    private static CaseTrace trace(CaseRun run, List<Packet> clientSaw, List<Packet> serverSaw) {
        CaseTrace trace = new CaseTrace(run.phases);
        trace.addPackets("client", Namespaces.CLIENT, of(run, clientSaw));
        trace.addPackets("server", Namespaces.SERVER, of(run, serverSaw));
        trace.addEvents("client", run.client.events(run.name + "#"));
        trace.addEvents("server", run.server.events(run.name + "#"));
        return trace;
    }

    private static List<Packet> of(CaseRun run, List<Packet> packets) {
        return packets.stream()
                .filter(packet -> Math.min(packet.from(), packet.to()) == run.port)
                .toList();
    }
}
