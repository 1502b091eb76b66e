package blackhole.proxy.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.UsageException;
import blackhole.proxy.api.Labels;
import blackhole.proxy.events.EventReader;
import blackhole.proxy.http.AdminClient;
import blackhole.proxy.http.AdminRig;
import blackhole.proxy.http.WebServer;
import blackhole.support.Browser;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Records runs and replays them. */
@Tag("browser")
class ReplayIT {
    private static final String HEADER =
            "{\"type\":\"recording\",\"version\":2,\"at\":\"2026-11-23T10:00:00Z\",\"outage\":false,\"middlebox\":{},"
                    + "\"routes\":[]}";

    /** Every write to it fails as on a full disk. */
    private static final Path FULL = Path.of("/dev/full");

    private static Path run;

    @TempDir
    private Path directory;

    private final Labels labels = new Labels();

    /** One flow expires, retransmits, is healed and reset; another exists during the whole run. */
    @BeforeAll
    static void record(@TempDir Path once) throws IOException {
        Path file = once.resolve("run.jsonl");
        try (AdminRig rig = AdminRig.start();
                Recorder recorder = Recorder.start(rig.proxy(), rig.admin().labels(), file)) {
            assertThat(recorder).isNotNull();
            AdminRig.Connection first = rig.connect();
            rig.connect();
            first.exchange();
            rig.label(first, "producer: waiting");
            rig.post("/api/v1/flows/1/expire").ok();
            first.send();
            await().atMost(AdminRig.PATIENCE)
                    .until(() -> recordedDiscards(file) >= 3
                            && Files.readString(file).contains("flow-labelled"));
            rig.patch("{\"idleTimeout\": \"1h\"}").ok();
            rig.post("/api/v1/flows/1/heal").ok();
            rig.label(first, "producer: RECOVERED, after a reset");
            rig.post("/api/v1/flows/1/reset").ok();
            await().atMost(AdminRig.PATIENCE)
                    .until(() -> Files.readString(file).contains("\"flow-closed\"")
                            && Files.readString(file).contains("middlebox-changed"));
        }
        run = file;
    }

    private static long recordedDiscards(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.contains("\"segment-discarded\""))
                .count();
    }

    private static WebServer replay(Path file, double speed) {
        return Replay.start(file, Endpoint.parseListen("0"), null, speed);
    }

    private static EventReader awaitEnd(AdminClient client) throws IOException {
        EventReader events = client.events("?start=oldest");
        await().atMost(AdminRig.PATIENCE).until(() -> events.types().contains("replay-ended"));
        return events;
    }

    @Test
    void eventsAreReplayedInTheSameOrder() throws IOException {
        try (WebServer replay = replay(run, 1);
                AdminClient client = new AdminClient(replay.endpoint())) {
            assertThat(awaitEnd(client).types())
                    .startsWith("hello")
                    .containsSubsequence(
                            "flow-opened", "flow-labelled", "flow-expired", "segment-discarded", "flow-healed")
                    .endsWith("replay-ended");
            assertThat(client.value("/api/v1/middlebox", "/idleTimeout")).isEqualTo("1h");
            assertThat(client.value("/api/v1/flows", "/total")).isEqualTo("1");
            assertThat(client.value("/api/v1/flows/2", "/client/rttMillis")).isNotEqualTo("0.0");
            client.get("/health").problem(404);
            client.get("/metrics").problem(404);
        }
    }

    @Test
    void restartPlaysAgainFromTheStart() throws IOException {
        try (WebServer replay = replay(run, 100);
                AdminClient client = new AdminClient(replay.endpoint())) {
            EventReader first = awaitEnd(client);

            assertThat(client.post("/api/v1/replay/restart").status()).isEqualTo(204);

            EventReader again = awaitEnd(client);
            assertThat(again.types()).contains("flow-opened");
            assertThat(again.all().get(0).data().get("run"))
                    .isNotEqualTo(first.all().get(0).data().get("run"));
        }
    }

    @Test
    void closeIsIdempotent() throws IOException {
        Path file = Files.writeString(directory.resolve("run.jsonl"), HEADER + "\n");
        WebServer replay = replay(file, 1);

        replay.close();
        replay.close();

        try (AdminClient client = new AdminClient(replay.endpoint())) {
            assertThatThrownBy(() -> client.get("/api/v1/flows")).isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST | /api/v1/flows/1/expire | ''",
                "POST | /api/v1/flows/heal?client=127.0.0.1 | ''",
                "PUT | /api/v1/flows/1/label | {\"label\": \"x\"}",
                "PATCH | /api/v1/middlebox | {\"idleTimeout\": \"1s\"}",
                "PUT | /api/v1/outage | {\"on\": true}",
            })
    void recordingCannotBeChanged(String method, String path, String body) throws IOException {
        Path file = Files.writeString(directory.resolve("run.jsonl"), HEADER + "\n");

        try (WebServer replay = replay(file, 1);
                AdminClient client = new AdminClient(replay.endpoint())) {
            assertThat(client.json(method, path, body)
                            .problem(409)
                            .get("detail")
                            .textValue())
                    .contains("this is a recording");
        }
    }

    @Test
    void pageShowsTheReplay() throws IOException {
        try (Browser browser = Browser.start(directory.resolve("profile"));
                WebServer replay = replay(run, 0.2)) {
            browser.open("http://" + replay.endpoint() + "/");
            browser.waitForText("#replay-text", text -> text.contains("Recording, 0.2"));
            browser.waitFor(".lane[data-flow=\"1\"][data-state=blackholed]");
            assertThat(browser.find(".lane[data-flow=\"1\"] .label").getText()).isEqualTo("producer: waiting");
            assertThat(browser.find("#apply").isEnabled()).isFalse();
            assertThat(browser.find("[data-action=reset]").isEnabled()).isFalse();
            browser.waitForText("#log", log -> log.contains("client segment 1 discarded"));

            browser.waitFor(".named[data-name=producer][data-state=closed]");
            assertThat(browser.find(".named .what").getText()).isEqualTo("RECOVERED");
            assertThat(browser.find(".named .more").getText()).isEqualTo("after a reset");

            browser.find("#replay-again").click();
            browser.waitFor("#connection[data-state=connected]");
            browser.waitForText("#log", log -> log.contains("the recording plays again"));
            browser.waitFor(".lane[data-flow=\"1\"][data-state=blackholed]");
        }
    }

    @Test
    void existingFileIsNotOverwritten() throws IOException {
        Path file = Files.writeString(directory.resolve("run.jsonl"), "precious");

        try (AdminRig rig = AdminRig.start()) {
            assertThatThrownBy(() -> Recorder.start(rig.proxy(), rig.admin().labels(), file))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("already exists");
        }
        assertThat(file).hasContent("precious");
    }

    /** Each is JSON of the right outline; the message names the field. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"type\":\"recording\",\"version\":2,\"at\":\"2026-11-23T10:00:00Z\",\"outage\":false,\"middlebox\":5,\"routes\":[]} | line 1: middlebox must be",
                "{\"type\":\"recording\",\"version\":2,\"at\":\"2026-11-23T10:00:00Z\",\"outage\":false,\"middlebox\":{\"idleTimeout\":\"1ms\"},\"routes\":[]} | line 1: middlebox.idleTimeout must be between",
                "{\"type\":\"recording\",\"version\":2,\"at\":\"2026-11-23T10:00:00Z\",\"outage\":false,\"middlebox\":{\"colour\":\"black\"},\"routes\":[]} | line 1: middlebox.colour is not a setting",
                "{\"type\":\"recording\",\"version\":2,\"at\":\"2026-11-23T10:00:00Z\",\"outage\":\"maybe\",\"middlebox\":{},\"routes\":[]} | line 1: outage",
                "{\"type\":\"recording\",\"version\":2,\"at\":\"2026-11-23T10:00:00Z\",\"outage\":\"true\",\"middlebox\":{},\"routes\":[]} | line 1: outage",
                "{\"type\":\"recording\",\"version\":2,\"at\":\"2026-11-23T10:00:00Z\",\"outage\":null,\"middlebox\":{},\"routes\":[]} | line 1: outage",
                "{\"type\":\"recording\",\"version\":2,\"at\":\"2026-11-23T10:00:00Z\",\"outage\":false,\"middlebox\":{},\"routes\":5} | line 1: routes",
                "{\"type\":\"recording\",\"version\":2,\"at\":\"2026-11-23T10:00:00Z\",\"outage\":false,\"middlebox\":{},\"routes\":[{\"listen\":\"nowhere\",\"upstream\":null}]} | line 1: routes[0].listen",
                "{\"type\":\"recording\",\"version\":2,\"at\":null,\"outage\":false,\"middlebox\":{},\"routes\":[]} | line 1: at",
                "{\"type\":\"recording\",\"version\":2,\"at\":\"+999999999-12-31T23:59:59Z\",\"outage\":false,\"middlebox\":{},\"routes\":[]} | line 1: at",
                "{\"type\":\"recording\",\"version\":2} | line 1: at is missing",
                "{\"type\":\"recording\",\"version\":\"2\"} | line 1: the version is \"2\"",
                "HEADER@{\"type\":\"flows\",\"t\":5,\"flows\":5,\"gone\":[]} | line 2: flows",
                "HEADER@{\"type\":\"flows\",\"t\":5,\"flows\":[null],\"gone\":[]} | line 2: flows",
                "HEADER@{\"type\":\"flows\",\"t\":5,\"flows\":[],\"gone\":[\"1\"]} | line 2: gone[0]",
                "HEADER@{\"type\":\"flows\",\"t\":5,\"flows\":[],\"gone\":[1.5]} | line 2: gone[0]",
                "HEADER@{\"type\":\"flows\",\"t\":5,\"flows\":[],\"gone\":[],\"dark\":1} | line 2: dark is unknown",
                "HEADER@{\"type\":\"outage-changed\",\"t\":5,\"at\":\"2026-11-23T10:00:01Z\",\"on\":\"maybe\"} | line 2: on",
                "HEADER@{\"type\":\"outage-changed\",\"t\":9223372036854775807,\"at\":\"2026-11-23T10:00:01Z\",\"on\":true} | line 2: t must be",
                "HEADER@{\"type\":\"flow-expired\",\"t\":5} | line 2: flowId is missing",
                "HEADER@{\"type\":\"flow-expired\",\"t\":5,\"flowId\":1,\"at\":\"2026-11-23T10:00:01Z\",\"cause\":\"boredom\",\"idleMillis\":5,\"onExpiry\":\"drop\",\"description\":null} | line 2: cause",
                "HEADER@{\"type\":\"flow-expired\",\"t\":5,\"flowId\":1,\"at\":\"2026-11-23T10:00:01Z\",\"cause\":\"idle\",\"idleMillis\":9223372036854775807,\"onExpiry\":\"drop\",\"description\":null} | line 2: idleMillis",
                "HEADER@{\"type\":\"flow-expired\",\"t\":5,\"flowId\":1,\"at\":\"2026-11-23T10:00:01Z\",\"cause\":\"idle\",\"idleMillis\":\"3s\",\"onExpiry\":\"drop\",\"description\":null} | line 2: idleMillis",
                "HEADER@{\"type\":\"flow-expired\",\"t\":5,\"flowId\":1,\"at\":\"2026-11-23T10:00:01Z\",\"cause\":null,\"idleMillis\":3,\"onExpiry\":\"drop\",\"description\":null} | line 2: cause",
                "HEADER@{\"type\":\"middlebox-changed\",\"t\":5,\"at\":\"2026-11-23T10:00:01Z\",\"middlebox\":{\"maxFlows\":\"many\"}} | line 2: middlebox.maxFlows must be",
                "HEADER@{\"type\":\"flow-labelled\",\"t\":5,\"flowId\":1,\"at\":\"2026-11-23T10:00:01Z\",\"label\":7} | line 2: label",
                "HEADER@{\"type\":\"flow-labelled\",\"t\":5,\"flowId\":1,\"at\":\"2026-11-23T10:00:01Z\",\"label\":\"a\\u202Eb\"} | line 2: label",
            })
    void senselessFieldIsRefusedWithItsLineAndName(String content, String problem) throws IOException {
        assertRefused(content, problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "hello | line 1: the line is not JSON",
                "{} | line 1: not a recording",
                "{\"type\":\"recording\",\"version\":3} | line 1: the version is 3; this proxy replays version 2",
                "HEADER@nonsense | line 2: the line is not JSON",
                "HEADER@{\"type\":\"flow-opened\"} | line 2: t must be a number of milliseconds",
                "HEADER@{\"type\":\"flow-opened\",\"t\":\"soon\"} | line 2: t must be a number of milliseconds up to",
                "HEADER@{\"type\":\"party\",\"t\":1} | line 2: unknown type: 'party'",
                "HEADER@{\"type\":\"flows\",\"t\":5,\"flows\":[],\"gone\":[]}@{\"type\":\"flows\",\"t\":4,\"flows\":[],\"gone\":[]} | line 3: t is 4, less than",
                "HEADER@{\"type\":\"flows\",\"t\":5,\"gone\":[],\"flows\":[{}]} | line 2: flows[0].id is missing",
            })
    void invalidFileIsRefusedWithItsLine(String content, String problem) throws IOException {
        assertRefused(content, problem);
    }

    private void assertRefused(String content, String problem) throws IOException {
        Path file = Files.writeString(
                directory.resolve("bad.jsonl"),
                content.replace("HEADER", HEADER).replace('@', '\n') + "\n");

        assertThatThrownBy(() -> Recording.read(file))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("bad.jsonl, " + problem)
                .hasMessageNotContaining("\n");
    }

    @Test
    void incompleteLastLineOfAKilledRecorderIsIgnored() throws IOException {
        Path file = directory.resolve("killed.jsonl");
        Files.writeString(
                file,
                HEADER + "\n{\"type\":\"outage-changed\",\"at\":\"2026-11-23T10:00:01Z\",\"on\":true,\"t\":7}\n{\"ty");

        Recording recording = Recording.read(file);

        assertThat(recording.lines()).hasSize(1);
        assertThat(recording.length()).isEqualTo(Duration.ofMillis(7));
    }

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
