package blackhole.proxy.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.UsageException;
import blackhole.proxy.events.EventReader;
import blackhole.proxy.http.AdminRig;
import blackhole.support.Browser;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs that are recorded and shown again. */
class ReplayIT {
    private static final String HEADER =
            "{\"type\":\"recording\",\"version\":1,\"at\":\"2026-11-23T10:00:00Z\",\"outage\":false,\"middlebox\":{},"
                    + "\"routes\":[]}";

    @TempDir
    private Path directory;

    private final HttpClient http = HttpClient.newHttpClient();

    /** One flow expires, sends into the silence, is healed and ends; another is there for the whole run. */
    private Path recordedRun() throws IOException {
        Path file = directory.resolve("run.jsonl");
        try (AdminRig rig = AdminRig.start();
                Recorder recorder = Recorder.start(rig.proxy(), rig.admin().labels(), file)) {
            assertThat(recorder).isNotNull();
            AdminRig.Connection first = rig.connect();
            rig.connect();
            first.exchange();
            rig.label(first, "producer: waiting");
            rig.post("/api/v1/flows/1/expire").ok();
            first.client().getOutputStream().write(1);
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
        return file;
    }

    private static long recordedDiscards(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.contains("\"segment-discarded\""))
                .count();
    }

    private HttpResponse<String> send(ReplayServer replay, String method, String path, String body) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + replay.endpoint() + path))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private JsonNode get(ReplayServer replay, String path) throws IOException {
        HttpResponse<String> answer = send(replay, "GET", path, "");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return AdminRig.JSON.readTree(answer.body());
    }

    private EventReader events(ReplayServer replay) throws IOException {
        return new EventReader(
                HttpRequest.newBuilder(URI.create("http://" + replay.endpoint() + "/api/v1/events?start=oldest"))
                        .build(),
                http);
    }

    @Test
    void whatWasRecordedHappensAgainInTheSameOrder() throws IOException {
        Path file = recordedRun();

        try (ReplayServer replay = ReplayServer.start(file, Endpoint.parseListen("0"), null, 1);
                EventReader events = events(replay)) {
            await().atMost(AdminRig.PATIENCE).until(() -> events.types().contains("replay-ended"));

            assertThat(events.types())
                    .startsWith("hello")
                    .containsSubsequence(
                            "flow-opened", "flow-labelled", "flow-expired", "segment-discarded", "flow-healed")
                    .endsWith("replay-ended");
            assertThat(get(replay, "/api/v1/middlebox").get("idleTimeout").textValue())
                    .isEqualTo("1h");
            assertThat(get(replay, "/api/v1/flows").get("total").intValue()).isEqualTo(1);
        }
    }

    @Test
    void playsAgainFromTheStart() throws IOException {
        Path file = recordedRun();

        try (ReplayServer replay = ReplayServer.start(file, Endpoint.parseListen("0"), null, 100);
                EventReader first = events(replay)) {
            await().atMost(AdminRig.PATIENCE).until(() -> first.types().contains("replay-ended"));

            assertThat(send(replay, "POST", "/api/v1/replay/restart", "").statusCode())
                    .isEqualTo(204);

            try (EventReader again = events(replay)) {
                await().atMost(AdminRig.PATIENCE).until(() -> again.types().contains("replay-ended"));
                assertThat(again.types()).contains("flow-opened");
                assertThat(again.all().get(0).data().get("run"))
                        .isNotEqualTo(first.all().get(0).data().get("run"));
            }
        }
    }

    @Test
    void closingItTwiceIsClosingItOnce() throws IOException {
        Path file = Files.writeString(directory.resolve("run.jsonl"), HEADER + "\n");
        ReplayServer replay = ReplayServer.start(file, Endpoint.parseListen("0"), null, 1);

        replay.close();
        replay.close();

        assertThatThrownBy(() -> get(replay, "/api/v1/flows")).isInstanceOf(IOException.class);
    }

    @Test
    void nothingCanBeChanged() throws IOException {
        Path file = recordedRun();

        try (ReplayServer replay = ReplayServer.start(file, Endpoint.parseListen("0"), null, 1)) {
            for (List<String> command : List.of(
                    List.of("POST", "/api/v1/flows/1/expire", ""),
                    List.of("POST", "/api/v1/flows/heal?client=127.0.0.1", ""),
                    List.of("PATCH", "/api/v1/middlebox", "{\"idleTimeout\": \"1s\"}"),
                    List.of("PUT", "/api/v1/outage", "{\"on\": true}"))) {
                HttpResponse<String> answer = send(replay, command.get(0), command.get(1), command.get(2));

                assertThat(answer.statusCode()).as(command.toString()).isEqualTo(409);
                assertThat(answer.body()).contains("this is a recording");
            }
        }
    }

    @Test
    void isShownInThePage() throws IOException {
        Path file = recordedRun();

        try (Browser browser = Browser.start(directory.resolve("profile"));
                ReplayServer replay = ReplayServer.start(file, Endpoint.parseListen("0"), null, 0.1)) {
            browser.open("http://" + replay.endpoint() + "/");
            browser.waitForText("#replay-text", text -> text.contains("Recording, 0.1"));
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
    void anExistingFileIsNotOverwritten() throws IOException {
        Path file = Files.writeString(directory.resolve("run.jsonl"), "precious");

        try (AdminRig rig = AdminRig.start()) {
            assertThatThrownBy(() -> Recorder.start(rig.proxy(), rig.admin().labels(), file))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("already exists");
        }
        assertThat(file).hasContent("precious");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "hello | line 1: the line is not JSON",
                "{} | line 1: not a recording",
                "{\"type\":\"recording\",\"version\":2} | line 1: the version is 2; this program plays version 1",
                "HEADER@nonsense | line 2: the line is not JSON",
                "HEADER@{\"type\":\"flow-opened\"} | line 2: t must be a number of milliseconds",
                "HEADER@{\"type\":\"flow-opened\",\"t\":\"soon\"} | line 2: t must be a number of milliseconds, not",
                "HEADER@{\"type\":\"party\",\"t\":1} | line 2: unknown type: 'party'",
                "HEADER@{\"type\":\"flow-opened\",\"t\":5}@{\"type\":\"flow-closed\",\"t\":4} | line 3: t is 4, less than",
                "HEADER@{\"type\":\"flows\",\"t\":5,\"gone\":[],\"flows\":[{}]} | line 2: Missing creator property 'id'",
            })
    void aBadFileIsRefusedWithItsLine(String content, String problem) throws IOException {
        Path file = Files.writeString(
                directory.resolve("bad.jsonl"),
                content.replace("HEADER", HEADER).replace('@', '\n') + "\n");

        assertThatThrownBy(() -> Recording.read(file))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("bad.jsonl, " + problem)
                .hasMessageNotContaining("\n");
    }

    @Test
    void halfALineAtTheEndOfAKilledRecorderIsLeftOut() throws IOException {
        Path file = directory.resolve("killed.jsonl");
        Files.writeString(
                file,
                HEADER + "\n{\"type\":\"outage-changed\",\"at\":\"2026-11-23T10:00:01Z\",\"on\":true,\"t\":7}\n{\"ty");

        Recording recording = Recording.read(file);

        assertThat(recording.lines()).hasSize(1);
        assertThat(recording.length()).isEqualTo(Duration.ofMillis(7));
    }
}
