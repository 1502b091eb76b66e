package blackhole.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.proxy.api.Limits;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Refused requests and their problem documents. */
class AdminProblemsIT {
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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"idleTimeout\": 3} | idleTimeout",
                "{\"idleTimeout\": null} | idleTimeout",
                "{\"idleTimeout\": \"3\"} | idleTimeout",
                "{\"idleTimeout\": \"1ms\"} | idleTimeout",
                "{\"tombstoneTime\": \"9999999h\"} | tombstoneTime",
                "{\"keepaliveRefreshes\": \"true\"} | keepaliveRefreshes",
                "{\"onExpiry\": \"explode\"} | onExpiry",
                "{\"onExpiry\": \"DROP\"} | onExpiry",
                "{\"direction\": \"client-to-upstream\", \"onExpiry\": \"close-both\"} | direction",
                "{\"maxFlows\": 0} | maxFlows",
                "{\"maxFlows\": 1.5} | maxFlows",
                "{\"maxFlows\": 99999999999} | maxFlows",
                "{\"maxTombstones\": -1} | maxTombstones",
                "{\"maxTombstones\": null} | maxTombstones",
                "{\"whenFull\": 1} | whenFull",
                "{\"onlyClients\": \"10.0.0.0/8\"} | onlyClients",
                "{\"onlyClients\": [\"10.0.0.0/99\"]} | onlyClients",
                "{\"colour\": \"black\"} | colour",
            })
    void invalidSettingIsNamedAndNothingChanges(String patch, String field) throws IOException {
        rig.patch(patch).problemIn(field);

        assertThat(rig.proxy().config()).isEqualTo(MiddleboxConfig.DEFAULT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "3", "null", "{} {}", "{\"maxFlows\": 1, \"maxFlows\": 2}", "\u0000"})
    void invalidJsonIsAProblem(String body) throws IOException {
        rig.patch(body).problem(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?limit=-1",
                "?limit=1001",
                "?limit=x",
                "?offset=-1",
                "?sort=size",
                "?state=gone",
                "?client=me",
                "?page=1",
                "?limit=1&limit=2"
            })
    void invalidParametersAreProblems(String query) throws IOException {
        rig.get(FLOWS + query).problemIn(query.substring(1, query.indexOf('=')));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e999", "-1e999", "1e99999"})
    void numberThatOverflowsIsRefusedWithItsText(String number) throws IOException {
        assertThat(rig.patch("{\"maxFlows\": " + number + "}")
                        .problem(400)
                        .get("detail")
                        .textValue())
                .contains(", not " + number.replace("e", "E+"));
    }

    @Test
    void headIsAllowedWhereverGetIs() throws IOException {
        for (String operation : rig.admin().operations()) {
            if (operation.startsWith("GET ") && !operation.endsWith("/events")) {
                String path = operation.substring(4).replace("{id}", "99");
                AdminClient.Answer get = rig.get(path);
                AdminClient.Answer head =
                        rig.send(rig.request(path).method("HEAD", HttpRequest.BodyPublishers.noBody()));

                assertThat(head.status()).as(path).isEqualTo(get.status());
                assertThat(head.header("Content-Type")).as(path).isEqualTo(get.header("Content-Type"));
                assertThat(head.http().body()).as(path).isEmpty();
            }
        }
        AdminClient.Answer events =
                rig.send(rig.request("/api/v1/events").method("HEAD", HttpRequest.BodyPublishers.noBody()));
        assertThat(events.status()).isEqualTo(200);
        assertThat(events.header("Content-Type")).isEqualTo("text/event-stream");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\u202Eabc", "a\\u2066b", "a\\u200Fb", "a\\u0000b", "a\\u2028b"})
    void labelThatShowsOtherTextThanItHasIsRefused(String label) throws IOException {
        rig.connect();

        rig.json("PUT", FLOWS + "/1/label", "{\"label\": \"" + label + "\"}").problemIn("label");
        rig.json("PUT", FLOWS + "/1/label", "{\"label\": \"שלום, 👩‍💻\"}").ok();
    }

    @Test
    void unknownPathsAreProblems() throws IOException {
        rig.get("/nothing").problem(404);
        rig.get(FLOWS + "/99").problem(404);
        rig.get(FLOWS + "/first").problem(404);
        rig.post(FLOWS + "/1/explode").problem(404);
        assertThat(rig.raw("GET /%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .contains(" 400 ");
    }

    @Test
    void otherMethodsAreProblemsThatNameTheAllowedOnes() throws IOException {
        AdminClient.Answer answer = rig.json("DELETE", "/api/v1/middlebox", "{}");

        answer.problem(405);
        assertThat(answer.header("Allow")).isEqualTo("GET, HEAD, PATCH");
        rig.get(FLOWS + "/expire").problem(405);
        rig.post("/api/v1/events").problem(405);
    }

    @Test
    void bodiesOfOtherTypesAndSizesAreProblems() throws IOException {
        rig.send(rig.request("/api/v1/outage", "Content-Type", "text/plain")
                        .PUT(HttpRequest.BodyPublishers.ofString("{\"on\": true}")))
                .problem(415);
        rig.send(rig.request("/api/v1/outage").PUT(HttpRequest.BodyPublishers.ofString("{\"on\": true}")))
                .problem(415);
        rig.json("PUT", "/api/v1/outage", "{\"on\": true, \"off\": false}").problemIn("off");
        rig.json("PUT", "/api/v1/outage?x=1", "{\"on\": true}").problemIn("x");
        for (String body : List.of("{}", "{\"on\": 1}", "{\"on\": null}")) {
            rig.json("PUT", "/api/v1/outage", body).problemIn("on");
        }
        rig.patch("{\"x\": \"" + "x".repeat(Limits.DEFAULT.body()) + "\"}").problem(413);
        assertThat(rig.proxy().hasOutage()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: evil.example",
                "Host: localhost\r\nOrigin: http://evil.example",
                "Host: localhost\r\nOrigin: http://localhost:1",
                "Host: localhost\r\nOrigin: null",
                "Host: localhost\r\nOrigin: ",
            })
    void foreignHostsAndOriginsAreRefused(String headers) throws IOException {
        assertThat(rig.raw("PUT /api/v1/outage HTTP/1.1\r\n" + headers
                        + "\r\nConnection: close\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 12\r\n\r\n{\"on\": true}"))
                .startsWith("HTTP/1.1 403 ")
                .contains("application/problem+json");
        assertThat(rig.proxy().hasOutage()).isFalse();
    }

    @Test
    void exactlyOneHostIsRequired() throws IOException {
        assertThat(rig.raw("GET /health HTTP/1.1\r\nConnection: close\r\n\r\n")).contains(" 400 ");
        assertThat(rig.raw("GET /health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .contains(" 400 ");
    }

    @Test
    void requestsWithoutTheTokenAreRefused() throws Exception {
        try (AdminRig guarded = AdminRig.start(settings -> settings, "secret", Limits.DEFAULT)) {
            for (String path :
                    new String[] {FLOWS, "/api/v1/events", "/metrics", "/health", "/openapi.json", "/nothing"}) {
                AdminClient.Answer without = guarded.get(path);
                without.problem(401);
                assertThat(without.header("WWW-Authenticate")).startsWith("Bearer");
                guarded.get(path, "Authorization", "Bearer wrong").problem(401);
                guarded.get(path, "Authorization", "Basic secret").problem(401);
            }
            guarded.get(FLOWS, "Authorization", "Bearer secret").ok();
            guarded.get(FLOWS, "Authorization", "bearer secret").ok();
        }
    }
}
