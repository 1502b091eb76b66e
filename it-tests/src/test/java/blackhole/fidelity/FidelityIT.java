package blackhole.fidelity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import blackhole.fidelity.Capture.Packet;
import blackhole.fidelity.Namespaces.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class FidelityIT {
    private static final Path JAR =
            Path.of(System.getProperty("blackhole.proxy.jar", "../proxy/target/blackhole-proxy.jar"));

    /** For a look at how the test fails: {@code -Dfidelity.proxy.options="--on-expiry stall"}. */
    private static final String PROXY_OPTIONS = System.getProperty("fidelity.proxy.options", "");

    private static final Path DIRECTORY = Path.of("target", "fidelity");

    private static final Path LIMITS_PAGE = Path.of("..", "docs", "limits.md");

    private static final int FIRST_PORT = 7001;

    @Test
    void differsFromRealNatAsListedAndNowhereElse() throws Exception {
        Optional<String> whyNot = Namespaces.whyNone();
        assumeTrue(whyNot.isEmpty(), () -> whyNot.orElseThrow());
        Middle proxy = new Middle.Proxy(
                JAR.toAbsolutePath(), PROXY_OPTIONS.isEmpty() ? List.of() : List.of(PROXY_OPTIONS.split(" ")));

        ExecutorService executor = Executors.newCachedThreadPool();
        CompletableFuture<Map<Case, Story>> atNat = async(executor, () -> play(new Middle.Nat(), executor));
        CompletableFuture<Map<Case, Story>> atProxy = async(executor, () -> play(proxy, executor));
        Map<Case, Story> behindNat = atNat.join();
        Map<Case, Story> behindProxy = atProxy.join();
        executor.shutdown();

        Path report = Files.writeString(DIRECTORY.resolve("report.md"), Comparison.report(behindNat, behindProxy));
        List<String> expected = KnownDifferences.ALL.stream()
                .flatMap(difference -> difference.lines().stream())
                .toList();
        assertThat(Comparison.differences(behindNat, behindProxy))
                .as("differences 'CASE | PLACE | NAT | PROXY', all of what was seen is in %s", report)
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void limitsPageSaysWhatIsListed() {
        String rows = KnownDifferences.ALL.stream().map(Difference::row).collect(Collectors.joining("\n"));
        String alike = Cases.ALL.stream()
                .map(Case::name)
                .filter(name -> KnownDifferences.ALL.stream().noneMatch(difference -> difference.showsIn(name)))
                .map(name -> "- " + name)
                .collect(Collectors.joining("\n"));

        assertThat(LIMITS_PAGE).content().contains("\n" + rows + "\n\n").contains("\n" + alike + "\n\n");
    }

    private static Map<Case, Story> play(Middle middle, ExecutorService executor) throws IOException {
        Path directory = Files.createDirectories(DIRECTORY.resolve(middle.title()));
        List<Integer> ports = IntStream.range(FIRST_PORT, FIRST_PORT + Cases.ALL.size())
                .boxed()
                .toList();
        try (Namespaces namespaces = new Namespaces(middle.title().toLowerCase())) {
            middle.start(namespaces, ports, directory);
            PeerProcess client = new PeerProcess(namespaces, Host.CLIENT);
            PeerProcess server = new PeerProcess(namespaces, Host.SERVER);
            Capture atClient =
                    new Capture(namespaces, Host.CLIENT, Namespaces.CLIENT, directory.resolve("client.pcap"));
            Capture atServer =
                    new Capture(namespaces, Host.SERVER, Namespaces.SERVER, directory.resolve("server.pcap"));

            List<CompletableFuture<Play>> plays = new ArrayList<>();
            for (int i = 0; i < ports.size(); i++) {
                Case played = Cases.ALL.get(i);
                Play play = new Play(namespaces, middle, client, server, "case" + (i + 1), ports.get(i));
                plays.add(async(executor, () -> {
                    played.script().play(play);
                    play.phase("after");
                    return play;
                }));
            }
            List<Play> played = plays.stream().map(CompletableFuture::join).toList();

            List<Packet> clientSaw = atClient.stop();
            List<Packet> serverSaw = atServer.stop();
            Map<Case, Story> stories = new LinkedHashMap<>();
            for (int i = 0; i < ports.size(); i++) {
                stories.put(Cases.ALL.get(i), story(played.get(i), clientSaw, serverSaw));
            }
            return stories;
        }
    }

    private static Story story(Play play, List<Packet> clientSaw, List<Packet> serverSaw) {
        Story story = new Story(play.phases());
        story.addPackets("client", of(play, clientSaw));
        story.addPackets("server", of(play, serverSaw));
        story.addTold("client", play.client().ofAll(play.name() + "#"));
        story.addTold("server", play.server().ofAll(play.name() + "#"));
        return story;
    }

    private static List<Packet> of(Play play, List<Packet> packets) {
        return packets.stream().filter(p -> p.serverPort() == play.port()).toList();
    }

    @FunctionalInterface
    private interface Task<T> {
        T run() throws Exception;
    }

    private static <T> CompletableFuture<T> async(ExecutorService executor, Task<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        executor.execute(() -> {
            try {
                result.complete(task.run());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }
}
