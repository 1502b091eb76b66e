package blackhole.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.UsageException;
import blackhole.proxy.api.Labels;
import blackhole.proxy.http.AdminRig.Connection;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.Map;
import org.assertj.core.api.ListAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdminServerIT {
    private static final String FLOWS = "/api/v1/flows";
    private static final String OUTAGE = "/api/v1/outage";

    private AdminRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = AdminRig.start();
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    @Test
    void routesShowTheActualPorts() throws IOException {
        assertThat(rig.value("/api/v1/routes", "/routes/0/listen"))
                .isEqualTo("127.0.0.1:" + rig.proxy().address().getPort());
        assertThat(rig.value("/api/v1/routes", "/routes/0/upstream")).startsWith("127.0.0.1:");
    }

    @Test
    void flowIsShownFromBothSides() throws IOException {
        Connection connection = rig.connect();
        connection.exchange();

        JsonNode flow = rig.get(FLOWS + "/1").ok();

        assertThat(flow.at("/state").textValue()).isEqualTo("live");
        assertThat(flow.at("/client/peer").textValue()).isEqualTo(connection.clientAddress());
        assertThat(flow.at("/client/bytesReceived").intValue()).isEqualTo(1);
        assertThat(flow.at("/upstream/bytesReceived").intValue()).isEqualTo(1);
        assertThat(flow.at("/toExpiryMillis").intValue()).isBetween(1, 300_000);
        assertThat(flow.at("/client/rttMillis").doubleValue()).isBetween(0.001, 1_000.0);
        assertThat(flow.get("expiry").isNull()).isTrue();
        assertThat(rig.value(FLOWS, "/states/live")).isEqualTo("1");
    }

    @Test
    void oneFlowExpiresHealsAndIsReset() throws IOException {
        Connection connection = rig.connect();
        connection.exchange();

        assertFlows(rig.post(FLOWS + "/1/expire")).containsExactly("1");
        assertThat(rig.value(FLOWS + "/1", "/expiry/cause")).isEqualTo("command");
        rig.post(FLOWS + "/1/expire").problem(409);

        rig.post(FLOWS + "/1/heal").ok();
        connection.exchange();
        rig.post(FLOWS + "/1/heal").problem(409);

        rig.post(FLOWS + "/1/reset").ok();
        assertThatThrownBy(() -> connection.client().getInputStream().read()).hasMessageContaining("reset");
        rig.get(FLOWS + "/1").problem(404);
        rig.post(FLOWS + "/1/reset").problem(404);
    }

    private static ListAssert<String> assertFlows(AdminClient.Answer answer) throws IOException {
        return assertThat(answer.ok().findValue("flows").valueStream().map(JsonNode::asText));
    }

    @Test
    void discardedSegmentsShowTheirTimes() throws IOException {
        Connection connection = rig.connect();
        rig.post(FLOWS + "/1/expire").ok();

        connection.send();

        await().atMost(AdminRig.PATIENCE)
                .untilAsserted(() -> assertThat(rig.get(FLOWS + "/1").ok().at("/client/discardedAfterMillis"))
                        .hasSizeGreaterThanOrEqualTo(3));
    }

    @Test
    void commandsApplyToAllFlowsOfAClient() throws IOException {
        Connection one = rig.connect(3).get(0);

        assertFlows(rig.post(FLOWS + "/expire?client=" + one.clientAddress())).hasSize(1);
        assertFlows(rig.post(FLOWS + "/expire?client=127.0.0.1")).hasSize(2);
        rig.post(FLOWS + "/expire?client=127.0.0.0/8").problem(409);
        assertFlows(rig.post(FLOWS + "/heal?client=127.0.0.0/8")).hasSize(3);
        rig.post(FLOWS + "/reset?client=10.0.0.0/8").problem(404);
        rig.post(FLOWS + "/reset?client=nobody").problemIn("client");
    }

    @Test
    void commandsWithoutAClientApplyToAllFlows() throws IOException {
        rig.post(FLOWS + "/expire").problem(404);
        rig.connect(3);

        assertFlows(rig.post(FLOWS + "/expire")).hasSize(3);
        assertFlows(rig.post(FLOWS + "/heal")).hasSize(3);
        assertFlows(rig.post(FLOWS + "/reset")).hasSize(3);
    }

    @Test
    void clientInTheBodyIsRefusedAndNoFlowIsAffected() throws IOException {
        rig.connect();

        rig.json("POST", FLOWS + "/expire", "{\"client\": \"10.0.0.1\"}").problemIn("client");
        rig.send(rig.request(FLOWS + "/expire", "Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString("client=10.0.0.1")))
                .problem(415);

        assertThat(rig.value(FLOWS + "/1", "/state")).isEqualTo("live");
        assertFlows(rig.json("POST", FLOWS + "/expire", "{}")).containsExactly("1");
    }

    @Test
    void labellingDropsLabelsOfFlowsThatEndedUnnoticed() throws IOException {
        Connection connection = rig.connect();
        Labels labels = rig.admin().labels();
        labels.put(99, "never connected");

        rig.label(connection, "producer");

        assertThat(labels.of(99)).isNull();
        assertThat(labels.of(1)).isEqualTo("producer");
    }

    @Test
    void patchChangesOnlyTheSettingsItNames() throws IOException {
        JsonNode box = rig.patch("{\"idleTimeout\": \"PT1M\", \"maxFlows\": 7, \"onExpiry\": \"reset-sender\"}")
                .ok();

        assertThat(box.get("idleTimeout").textValue()).isEqualTo("1m");
        assertThat(box.get("maxFlows").intValue()).isEqualTo(7);
        assertThat(box.get("tombstoneTime").textValue()).isEqualTo("15m");
        assertThat(rig.proxy().config().onExpiry()).isEqualTo(OnExpiry.RESET_SENDER);
        assertThat(rig.patch("{\"maxFlows\": null}").ok().get("maxFlows").isNull())
                .isTrue();
        assertThat(rig.value("/api/v1/middlebox", "/idleTimeout")).isEqualTo("1m");
    }

    @Test
    void nextTickUsesChangedSettings() throws IOException {
        rig.connect();

        rig.patch("{\"idleTimeout\": \"50ms\"}").ok();

        await().atMost(AdminRig.PATIENCE).untilAsserted(() -> assertThat(rig.value(FLOWS + "/1", "/expiry/cause"))
                .isEqualTo("idle"));
    }

    @Test
    void outageExpiresFlowsAndItsEndHealsThem() throws IOException {
        Connection connection = rig.connect();

        assertThat(rig.json("PUT", OUTAGE, "{\"on\": true}").ok().toString()).isEqualTo("{\"on\":true}");
        assertThat(rig.value(FLOWS + "/1", "/expiry/cause")).isEqualTo("outage");
        assertThat(rig.json("PUT", OUTAGE, "{\"on\": false}").ok().toString()).isEqualTo("{\"on\":false}");

        connection.exchange();
    }

    @Test
    void metricsAddUp() throws IOException {
        Connection one = rig.connect();
        Connection two = rig.connect();
        rig.connect();
        one.exchange();
        two.exchange();
        two.exchange();
        rig.post(FLOWS + "/2/expire").ok();
        two.send();
        await().atMost(AdminRig.PATIENCE)
                .until(() -> Integer.parseInt(rig.value(FLOWS + "/2", "/client/segmentsDiscarded")) > 1);
        rig.post(FLOWS + "/1/reset").ok();

        AdminClient.Answer scrape = rig.get("/metrics");
        Map<String, Double> metrics = parse(scrape.http().body());

        assertThat(scrape.header("Content-Type")).startsWith("text/plain; version=0.0.4");
        assertThat(metrics)
                .containsEntry("blackhole_flows_opened_total", 3.0)
                .containsEntry("blackhole_flows_expired_total{cause=\"command\"}", 1.0)
                .containsEntry("blackhole_flows_closed_total{how=\"command\"}", 1.0)
                .containsEntry("blackhole_flows{state=\"live\"}", 1.0)
                .containsEntry("blackhole_flows{state=\"blackholed\"}", 1.0)
                .containsEntry("blackhole_tombstones", 1.0)
                .containsEntry("blackhole_bytes_total{direction=\"client-to-upstream\"}", 3.0)
                .containsEntry("blackhole_bytes_total{direction=\"upstream-to-client\"}", 3.0)
                .containsEntry("blackhole_idle_at_expiry_seconds_count", 1.0)
                .containsEntry("blackhole_idle_at_expiry_seconds_bucket{le=\"+Inf\"}", 1.0)
                .containsEntry("blackhole_background_failures_total", 0.0)
                .containsKey("blackhole_event_loop_lag_seconds_max");
        assertThat(metrics.get("blackhole_segments_discarded_total{leg=\"client\"}"))
                .isBetween(2.0, Double.valueOf(rig.value(FLOWS + "/2", "/client/segmentsDiscarded")));
        assertThat(rig.get("/metrics", "Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
                        .http()
                        .body())
                .endsWith("# EOF\n");
    }

    /** Every line is a comment or a sample. */
    private static Map<String, Double> parse(String text) {
        Map<String, Double> samples = new HashMap<>();
        text.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            assertThat(line).matches("[a-z_]+(\\{[a-z]+=\"[^\"]*\"})? \\S+");
            int space = line.lastIndexOf(' ');
            samples.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
        });
        return samples;
    }

    @Test
    void unreachableUpstreamIsARelayError() throws Exception {
        try (AdminRig other = AdminRig.start(settings -> settings.route("0=127.0.0.1:1"));
                SocketChannel client = SocketChannel.open()) {
            client.configureBlocking(false);
            client.connect(other.proxy().addresses().get(1));

            await().atMost(AdminRig.PATIENCE).untilAsserted(() -> assertThat(other.metrics())
                    .contains("blackhole_relay_errors_total{error=\"upstream-unreachable\"} 1.0"));
        }
    }

    @Test
    void healthIsUpUntilABackgroundTaskFails() throws IOException {
        JsonNode before = rig.get("/health").ok();
        rig.failOnNextEvent("thrown on purpose");

        rig.connect();
        await().atMost(AdminRig.PATIENCE).until(() -> rig.get("/health").status() == 503);

        JsonNode after = rig.get("/health").json();
        assertThat(before.get("status").textValue()).isEqualTo("up");
        assertThat(before.get("netty").textValue()).startsWith("4.2.");
        assertThat(before.get("backgroundFailure").isNull()).isTrue();
        assertThat(after.get("status").textValue()).isEqualTo("failed");
        assertThat(after.at("/backgroundFailure/task").textValue()).contains("listener");
        assertThat(after.at("/backgroundFailure/error").textValue())
                .isEqualTo("java.lang.IllegalStateException: thrown on purpose");
        assertThat(after.at("/backgroundFailure/count").intValue()).isPositive();
        assertThat(rig.get(FLOWS).ok().at("/backgroundFailure/task")).isEqualTo(after.at("/backgroundFailure/task"));
        assertThat(parse(rig.metrics()).get("blackhole_background_failures_total"))
                .isPositive();
    }

    @Test
    void closedProxyIsDownAndCannotBeChanged() throws IOException {
        rig.connect();
        rig.proxy().close();

        AdminClient.Answer health = rig.get("/health");
        assertThat(health.status()).isEqualTo(503);
        assertThat(health.json().get("status").textValue()).isEqualTo("down");
        rig.post(FLOWS + "/1/expire").problem(503);
        rig.post(FLOWS + "/heal?client=127.0.0.1").problem(503);
        rig.json("PUT", FLOWS + "/1/label", "{\"label\": \"x\"}").problem(503);
        rig.json("PUT", OUTAGE, "{\"on\": true}").problem(503);
        rig.patch("{\"maxFlows\": 7}").problem(503);
        assertThat(rig.value(FLOWS, "/total")).isEqualTo("0");
    }

    @Test
    void indexForToolsNamesTheResources() throws IOException {
        AdminClient.Answer answer = rig.get("/");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.http().body()).contains("/openapi.json", "/api/v1/flows");
        assertThat(answer.header("Content-Security-Policy")).contains("default-src 'none'");
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
    }

    @Test
    void addressThatOthersCanReachRequiresAToken() {
        Endpoint everywhere = new Endpoint("0.0.0.0", 0);

        assertThatThrownBy(() -> AdminServer.start(rig.proxy(), everywhere, null))
                .isInstanceOf(UsageException.class)
                .hasMessageEndingWith("0.0.0.0:0 can be reached from other machines; add --admin-token-file");
        AdminServer.start(rig.proxy(), everywhere, "secret").close();
    }

    @Test
    void portInUseIsAUsersMistakeAndLeavesNothingBehind() {
        long threads = serverThreads();

        assertThatThrownBy(() -> AdminServer.start(rig.proxy(), rig.admin().endpoint(), null))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("127.0.0.1:" + rig.port() + ": the port is in use");
        await().atMost(AdminRig.PATIENCE).until(() -> serverThreads() == threads);
    }

    private static long serverThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("vert.x-eventloop"))
                .count();
    }

    @Test
    void closingTheServerLeavesTheProxyRunning() throws Exception {
        Connection connection = rig.connect();

        rig.admin().close();
        rig.admin().close();

        connection.exchange();
        assertThatThrownBy(() -> rig.get("/health")).isInstanceOf(IOException.class);
        assertThat(rig.proxy().flows()).hasSize(1);
    }

    @Test
    void flowsArePagedSortedAndFiltered() throws IOException {
        rig.connect(5);
        rig.post(FLOWS + "/4/expire").ok();

        JsonNode page = rig.get(FLOWS + "?sort=interest&limit=2&state=live,blackholed&client=127.0.0.1")
                .ok();

        assertThat(page.get("total").intValue()).isEqualTo(5);
        assertThat(page.get("flows").findValuesAsText("id")).containsExactly("4", "1");
    }
}
