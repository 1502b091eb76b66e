package blackhole.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.UsageException;
import blackhole.proxy.api.Labels;
import blackhole.proxy.http.AdminRig.Connection;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdminServerIT {
    private static final String FLOWS = "/api/v1/flows";

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
    void showsRoutesWithTheirRealPorts() throws IOException {
        JsonNode route = rig.get("/api/v1/routes").ok().get("routes").get(0);

        assertThat(route.get("listen").textValue())
                .isEqualTo("127.0.0.1:" + rig.proxy().address().getPort());
        assertThat(route.get("upstream").textValue()).startsWith("127.0.0.1:");
    }

    @Test
    void showsAFlowFromBothSides() throws IOException {
        Connection connection = rig.connect();
        connection.exchange();

        JsonNode flow = rig.get(FLOWS + "/1").ok();

        assertThat(flow.get("state").textValue()).isEqualTo("live");
        assertThat(flow.at("/client/peer").textValue()).isEqualTo(connection.clientAddress());
        assertThat(flow.at("/client/bytesReceived").intValue()).isEqualTo(1);
        assertThat(flow.at("/upstream/bytesReceived").intValue()).isEqualTo(1);
        assertThat(flow.get("toExpiry").textValue()).matches("\\d+ms");
        assertThat(flow.get("expiry").isNull()).isTrue();
        assertThat(rig.get(FLOWS).ok().at("/states/live").intValue()).isEqualTo(1);
    }

    @Test
    void expiresHealsAndResetsOneFlow() throws IOException {
        Connection connection = rig.connect();
        connection.exchange();

        assertThat(rig.post(FLOWS + "/1/expire").ok().get("flows").get(0).intValue())
                .isEqualTo(1);
        assertThat(rig.get(FLOWS + "/1").ok().at("/expiry/cause").textValue()).isEqualTo("command");
        rig.post(FLOWS + "/1/expire").problem(409);

        rig.post(FLOWS + "/1/heal").ok();
        connection.exchange();
        rig.post(FLOWS + "/1/heal").problem(409);

        rig.post(FLOWS + "/1/reset").ok();
        assertThatThrownBy(() -> connection.client().getInputStream().read()).hasMessageContaining("reset");
        rig.get(FLOWS + "/1").problem(404);
        rig.post(FLOWS + "/1/reset").problem(404);
    }

    @Test
    void discardedSegmentsShowTheirTimes() throws IOException {
        Connection connection = rig.connect();
        rig.post(FLOWS + "/1/expire").ok();

        connection.client().getOutputStream().write(1);

        await().atMost(AdminRig.PATIENCE)
                .untilAsserted(() -> assertThat(rig.get(FLOWS + "/1").ok().at("/client/discardedAfter"))
                        .hasSizeGreaterThanOrEqualTo(3));
    }

    @Test
    void flowsOfAClientAreActedOnTogether() throws IOException {
        Connection one = rig.connect();
        rig.connect();
        rig.connect();

        assertThat(rig.post(FLOWS + "/expire?client=" + one.clientAddress())
                        .ok()
                        .get("flows"))
                .hasSize(1);
        assertThat(rig.post(FLOWS + "/expire?client=127.0.0.1").ok().get("flows"))
                .hasSize(2);
        rig.post(FLOWS + "/expire?client=127.0.0.0/8").problem(409);
        assertThat(rig.post(FLOWS + "/heal?client=127.0.0.0/8").ok().get("flows"))
                .hasSize(3);
        rig.post(FLOWS + "/reset?client=10.0.0.0/8").problem(404);
        assertThat(rig.post(FLOWS + "/reset").problem(400).get("field").textValue())
                .isEqualTo("client");
        assertThat(rig.post(FLOWS + "/reset?client=nobody")
                        .problem(400)
                        .get("field")
                        .textValue())
                .isEqualTo("client");
    }

    @Test
    void aLabelDropsThoseOfFlowsThatEndedUnseen() throws IOException {
        Connection connection = rig.connect();
        Labels labels = rig.admin().labels();
        labels.put(99, "never connected");

        rig.label(connection, "producer");

        assertThat(labels.of(99)).isNull();
        assertThat(labels.of(1)).isEqualTo("producer");
    }

    @Test
    void aPatchChangesWhatItNamesAndNothingElse() throws IOException {
        JsonNode box = rig.patch("{\"idleTimeout\": \"PT1M\", \"maxFlows\": 7, \"onExpiry\": \"reset-sender\"}")
                .ok();

        assertThat(box.get("idleTimeout").textValue()).isEqualTo("1m");
        assertThat(box.get("maxFlows").intValue()).isEqualTo(7);
        assertThat(box.get("tombstoneTime").textValue()).isEqualTo("15m");
        assertThat(rig.proxy().middlebox().onExpiry()).isEqualTo(OnExpiry.RESET_SENDER);
        assertThat(rig.patch("{\"maxFlows\": null}").ok().get("maxFlows").isNull())
                .isTrue();
        assertThat(rig.get("/api/v1/middlebox").ok().get("idleTimeout").textValue())
                .isEqualTo("1m");
    }

    @Test
    void theNextTickUsesWhatChanged() throws IOException {
        rig.connect();

        rig.patch("{\"idleTimeout\": \"50ms\"}").ok();

        await().atMost(AdminRig.PATIENCE).untilAsserted(() -> assertThat(
                        rig.get(FLOWS + "/1").ok().at("/expiry/cause").textValue())
                .isEqualTo("idle"));
    }

    @Test
    void hasAnOutageThatEnds() throws IOException {
        Connection connection = rig.connect();

        assertThat(rig.json("PUT", "/api/v1/outage", "{\"on\": true}")
                        .ok()
                        .get("on")
                        .booleanValue())
                .isTrue();
        assertThat(rig.get(FLOWS + "/1").ok().at("/expiry/cause").textValue()).isEqualTo("outage");
        assertThat(rig.json("PUT", "/api/v1/outage", "{\"on\": false}")
                        .ok()
                        .get("on")
                        .booleanValue())
                .isFalse();
        connection.exchange();
        for (String wrong : new String[] {"{}", "{\"on\": 1}", "{\"on\": null}"}) {
            assertThat(rig.json("PUT", "/api/v1/outage", wrong)
                            .problem(400)
                            .get("field")
                            .textValue())
                    .isEqualTo("on");
        }
        rig.json("PUT", "/api/v1/outage", "{\"on\": true, \"off\": false}").problem(400);
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
        two.client().getOutputStream().write(1);
        await().atMost(AdminRig.PATIENCE).untilAsserted(() -> assertThat(rig.get(FLOWS + "/2")
                        .ok()
                        .at("/client/segmentsDiscarded")
                        .intValue())
                .isGreaterThan(1));
        rig.post(FLOWS + "/1/reset").ok();

        AdminRig.Answer scrape = rig.get("/metrics");
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
                .containsKey("blackhole_event_loop_lag_seconds_max");
        int discarded =
                rig.get(FLOWS + "/2").ok().at("/client/segmentsDiscarded").intValue();
        assertThat(metrics.get("blackhole_segments_discarded_total{leg=\"client\"}"))
                .isBetween(2.0, (double) discarded);
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
    void anUnreachableUpstreamIsARelayError() throws Exception {
        try (Middlebox proxy = Middlebox.builder().route("0=127.0.0.1:1").start();
                AdminServer admin = AdminServer.start(proxy, Endpoint.parseListen("0"), null);
                Socket client =
                        new Socket(proxy.address().getAddress(), proxy.address().getPort())) {
            assertThat(client.isConnected()).isTrue();

            await().atMost(AdminRig.PATIENCE).untilAsserted(() -> assertThat(
                            AdminRig.raw(admin, "GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n"))
                    .contains("blackhole_relay_errors_total{error=\"upstream-unreachable\"} 1.0"));
        }
    }

    @Test
    void healthIsUp() throws IOException {
        JsonNode health = rig.get("/health").ok();

        assertThat(health.get("status").textValue()).isEqualTo("up");
        assertThat(health.get("netty").textValue()).startsWith("4.2.");
    }

    @Test
    void healthIsDownAndNothingCanBeChangedOnceTheProxyIsClosed() throws IOException {
        rig.connect();
        rig.proxy().close();

        AdminRig.Answer health = rig.get("/health");
        assertThat(health.status()).isEqualTo(503);
        assertThat(health.json().get("status").textValue()).isEqualTo("down");
        rig.post(FLOWS + "/1/expire").problem(503);
        rig.post(FLOWS + "/heal?client=127.0.0.1").problem(503);
        rig.json("PUT", FLOWS + "/1/label", "{\"label\": \"x\"}").problem(503);
        rig.json("PUT", "/api/v1/outage", "{\"on\": true}").problem(503);
        rig.patch("{\"maxFlows\": 7}").problem(503);
        assertThat(rig.get(FLOWS).ok().get("total").intValue()).isZero();
    }

    @Test
    void theFirstPageSaysWhatThereIs() throws IOException {
        AdminRig.Answer answer = rig.get("/");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.http().body()).contains("/openapi.json", "/api/v1/flows");
        assertThat(answer.header("Content-Security-Policy")).contains("default-src 'none'");
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
    }

    @Test
    void reachableByOthersItWantsAToken() {
        Endpoint everywhere = new Endpoint("0.0.0.0", 0);

        assertThatThrownBy(() -> AdminServer.start(rig.proxy(), everywhere, null))
                .isInstanceOf(UsageException.class)
                .hasMessage("admin 0.0.0.0:0 can be reached from other machines; add --admin-token-file");
        AdminServer.start(rig.proxy(), everywhere, "secret").close();
    }

    @Test
    void aPortInUseIsTheUsersMistakeAndLeavesNothingBehind() {
        long threads = serverThreads();

        assertThatThrownBy(() -> AdminServer.start(rig.proxy(), rig.admin().endpoint(), null))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("admin 127.0.0.1:" + rig.port() + ": the port is in use");
        await().atMost(AdminRig.PATIENCE).until(() -> serverThreads() == threads);
    }

    private static long serverThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("vert.x-eventloop"))
                .count();
    }

    @Test
    void closingItLeavesTheProxyRunning() throws Exception {
        Connection connection = rig.connect();

        rig.admin().close();
        rig.admin().close();

        connection.exchange();
        assertThatThrownBy(() -> rig.get("/health")).isInstanceOf(IOException.class);
        assertThat(rig.proxy().flows()).hasSize(1);
    }

    @Test
    void pagesSortsAndSearches() throws IOException {
        for (int i = 0; i < 5; i++) {
            rig.connect();
        }
        rig.post(FLOWS + "/4/expire").ok();

        JsonNode page = rig.get(FLOWS + "?limit=2&offset=1").ok();
        assertThat(page.get("total").intValue()).isEqualTo(5);
        assertThat(page.get("flows").findValuesAsText("id")).containsExactly("2", "3");
        assertThat(rig.get(FLOWS + "?sort=interest&limit=1")
                        .ok()
                        .at("/flows/0/id")
                        .intValue())
                .isEqualTo(4);
        assertThat(rig.get(FLOWS + "?query=%235").ok().get("flows").findValuesAsText("id"))
                .containsExactly("5");
        assertThat(rig.get(FLOWS + "?state=live,half-closed").ok().get("total").intValue())
                .isEqualTo(4);
        assertThat(rig.get(FLOWS + "?limit=0").ok().get("flows")).isEmpty();
    }
}
