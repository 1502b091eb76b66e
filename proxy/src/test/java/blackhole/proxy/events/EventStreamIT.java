package blackhole.proxy.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import blackhole.proxy.api.Limits;
import blackhole.proxy.events.EventReader.Event;
import blackhole.proxy.http.AdminClient;
import blackhole.proxy.http.AdminRig;
import blackhole.proxy.http.AdminRig.Connection;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class EventStreamIT {
    private static final String EVENTS = "/api/v1/events";

    private static final Duration LONG = Duration.ofMinutes(5);

    private static Limits limits(int streams, int bufferedEvents, Duration heartbeat, Duration stalled) {
        return new Limits(40, LONG, LONG, 64 * 1024, streams, bufferedEvents, heartbeat, stalled);
    }

    @Test
    void eventsOfAFlowComeInOrder() throws Exception {
        try (AdminRig rig = AdminRig.start()) {
            EventReader events = rig.events("");
            assertThat(events.text("hello", "/middlebox/onExpiry")).isEqualTo("drop");

            Connection connection = rig.connect();
            rig.post("/api/v1/flows/1/expire").ok();
            connection.send();
            JsonNode discarded = events.first("segment-discarded").data();
            rig.post("/api/v1/flows/1/heal").ok();
            rig.post("/api/v1/flows/1/reset").ok();

            events.first("flow-closed");
            assertThat(events.types())
                    .containsSubsequence(
                            "hello", "flow-opened", "flow-expired", "segment-discarded", "flow-healed", "flow-closed");
            assertThat(events.text("flow-opened", "/client")).isEqualTo(connection.clientAddress());
            assertThat(discarded.get("leg").textValue()).isEqualTo("client");
            assertThat(discarded.get("sinceExpiryMillis").isIntegralNumber()).isTrue();
            assertThat(discarded.get("gapMillis").isNull()).isTrue();
        }
    }

    @Test
    void changedSettingsArePublishedWhoeverChangedThem() throws Exception {
        try (AdminRig rig = AdminRig.start()) {
            EventReader events = rig.events("");
            rig.patch("{\"maxTombstones\": 7}").ok();
            assertThat(events.text("middlebox-changed", "/middlebox/maxTombstones"))
                    .isEqualTo("7");

            rig.proxy().outage(true);

            assertThat(events.text("outage-changed", "/on")).isEqualTo("true");
        }
    }

    @Test
    void resumesAfterTheLastEventThatWasRead() throws Exception {
        try (AdminRig rig = AdminRig.start()) {
            EventReader before = rig.events("");
            rig.patch("{\"maxTombstones\": 1}").ok();
            Event last = before.first("middlebox-changed");
            before.close();
            rig.patch("{\"maxTombstones\": 2}").ok();
            rig.patch("{\"maxTombstones\": 3}").ok();

            EventReader resumed = rig.events("", "Last-Event-ID", last.id());
            EventReader byNumber = rig.events("", "Last-Event-ID", "1");

            for (EventReader reader : List.of(resumed, byNumber)) {
                reader.awaitSize(3);
                assertThat(reader.all().stream().map(Event::number)).containsExactly(1L, 2L, 3L);
                assertThat(reader.text("hello", "/resumed")).isEqualTo("true");
            }
        }
    }

    @Test
    void startsAtTheOldestEventOnDemand() throws Exception {
        try (AdminRig rig = AdminRig.start(limits(4, 3, LONG, LONG))) {
            for (int i = 1; i <= 5; i++) {
                rig.patch("{\"maxTombstones\": " + i + "}").ok();
            }

            EventReader oldest = rig.events("?start=oldest");
            EventReader late = rig.events("", "Last-Event-ID", "1");

            oldest.awaitSize(4);
            assertThat(oldest.all().get(1).number()).isEqualTo(3);
            assertThat(late.text("missed", "/count")).isEqualTo("1");
            assertThat(late.first("hello").data().get("resumed").booleanValue()).isFalse();
            rig.get(EVENTS + "?start=yesterday").problemIn("start");
            rig.get(EVENTS, "Last-Event-ID", "x y").problemIn("Last-Event-ID");
        }
    }

    @Test
    void stalledReaderLearnsHowMuchItMissed() throws Exception {
        try (AdminRig rig = AdminRig.start(limits(4, 100, LONG, LONG));
                Socket stalled = stalledReader(rig)) {
            EventReader reader = rig.events("");
            int changes = 400;
            largeChanges(rig, changes);
            reader.awaitSize(changes + 1);
            assertThat(reader.types()).doesNotContain("missed");

            List<String> lines = new ArrayList<>();
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(stalled.getInputStream(), StandardCharsets.UTF_8));
            while (lines.stream().noneMatch(line -> line.startsWith("data: {\"id\":" + changes + ","))) {
                lines.add(in.readLine());
            }

            List<JsonNode> data = new ArrayList<>();
            for (String line : lines) {
                if (line.startsWith("data: ")) {
                    data.add(AdminRig.JSON.readTree(line.substring(6)));
                }
            }
            long missed = data.stream()
                    .filter(event -> event.get("type").textValue().equals("missed"))
                    .mapToLong(event -> event.get("count").longValue())
                    .sum();
            long received = data.stream().filter(event -> event.has("id")).count();
            assertThat(missed).isPositive();
            assertThat(missed + received).isEqualTo(changes);
            assertThat(rig.metrics()).contains("blackhole_events_missed_total " + missed + ".0");
        }
    }

    private static void largeChanges(AdminRig rig, int number) throws IOException {
        for (int i = 1; i <= number; i++) {
            rig.patch(largePatch(i)).ok();
        }
    }

    /** Of several kilobytes, so that the kernel's buffers are soon full. */
    public static String largePatch(int number) {
        String ranges =
                IntStream.range(0, 100).mapToObj(i -> "\"10.0." + i + ".0/24\"").collect(Collectors.joining(","));
        return "{\"maxTombstones\": " + (10_000 + number) + ", \"onlyClients\": [" + ranges + ",\"127.0.0.0/8\"]}";
    }

    /** Asks for events and takes none. */
    public static Socket stalledReader(AdminRig rig) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.setSoTimeout((int) AdminRig.PATIENCE.toMillis());
        socket.connect(new InetSocketAddress("127.0.0.1", rig.port()));
        socket.getOutputStream()
                .write(("GET " + EVENTS + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        await().atMost(AdminRig.PATIENCE)
                .untilAsserted(() -> assertThat(rig.metrics()).contains("blackhole_event_streams 1.0"));
        return socket;
    }

    @Test
    void readerThatStallsForLongIsClosed() throws Exception {
        Limits limits = limits(4, 100, Duration.ofMillis(50), Duration.ofSeconds(2));
        try (AdminRig rig = AdminRig.start(limits);
                Socket stalled = stalledReader(rig)) {
            largeChanges(rig, 400);

            await().atMost(AdminRig.PATIENCE)
                    .untilAsserted(() -> assertThat(rig.metrics()).contains("blackhole_event_streams 0.0"));
            assertThat(stalled.isConnected()).isTrue();
        }
    }

    @Test
    void numberOfStreamsIsLimitedUntilOneIsClosed() throws Exception {
        try (AdminRig rig = AdminRig.start(limits(2, 10, Duration.ofMillis(50), LONG))) {
            EventReader one = rig.events("");
            EventReader two = rig.events("");
            AdminClient.Answer refused = rig.get(EVENTS);

            refused.problem(503);
            assertThat(refused.header("Retry-After")).isEqualTo("10");
            one.first("hello");
            one.close();
            await().atMost(AdminRig.PATIENCE).untilAsserted(() -> {
                EventReader next = rig.events("");
                assertThat(next.status()).isEqualTo(200);
            });
            await().atMost(AdminRig.PATIENCE).until(() -> two.comments() > 1);
        }
    }

    @Test
    void requestTimeoutDoesNotApplyToStreams() throws Exception {
        Duration request = Duration.ofMillis(300);
        Limits hasty = new Limits(40, request, request, 64 * 1024, 16, 100, Duration.ofMillis(100), LONG);
        try (AdminRig rig = AdminRig.start(hasty)) {
            EventReader events = rig.events("");

            await().atMost(AdminRig.PATIENCE).until(() -> events.comments() > 8);

            assertThat(events.ended()).isFalse();
        }
    }

    @Test
    void closingTheServerEndsStreamsWithoutWaitingForAStalledReader() throws Exception {
        try (AdminRig rig = AdminRig.start();
                Socket stalled = stalledReader(rig)) {
            EventReader events = rig.events("");
            largeChanges(rig, 400);

            assertTimeoutPreemptively(AdminRig.PATIENCE, rig.admin()::close);

            assertThat(stalled.isConnected()).isTrue();
            await().atMost(AdminRig.PATIENCE).until(events::ended);
        }
    }
}
