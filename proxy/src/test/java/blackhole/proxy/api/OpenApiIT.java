package blackhole.proxy.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import blackhole.proxy.events.EventReader;
import blackhole.proxy.http.AdminClient;
import blackhole.proxy.http.AdminRig;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Checks the description of the API against the API. */
class OpenApiIT {
    private AdminRig rig;
    private ObjectNode document;

    @BeforeEach
    void start() throws IOException {
        rig = AdminRig.start();
        document = (ObjectNode) rig.get("/openapi.json").ok();
    }

    @AfterEach
    void stop() throws IOException {
        rig.close();
    }

    @Test
    void describesAllOperationsAndNoOthers() {
        TreeSet<String> described = new TreeSet<>();
        for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
                described.add(operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey());
            }
        }

        assertThat(described).isEqualTo(rig.admin().operations());
    }

    @Test
    void isOpenApiWithoutDanglingReferences() {
        assertThat(document.get("openapi").textValue()).startsWith("3.1.");
        assertThat(document.findValuesAsText("$ref")).isNotEmpty().allSatisfy(reference -> assertThat(
                        document.at(reference.substring(1)).isMissingNode())
                .as(reference)
                .isFalse());
        assertThat(document.findValuesAsText("operationId")).doesNotHaveDuplicates();
    }

    @Test
    void responsesAndEventsConform() throws IOException {
        AdminRig.Connection connection = rig.connect();
        connection.exchange();
        rig.connect();
        EventReader events = rig.events("?start=oldest");

        getConforms("/api/v1/routes", "/api/v1/flows/1", "/api/v1/flows/9", "/api/v1/middlebox", "/api/v1/profiles");
        putConforms("/api/v1/flows/1/label", "{\"label\": \"producer\"}");
        putConforms("/api/v1/flows/label?client=127.0.0.1", "{\"label\": null}");
        putConforms("/api/v1/flows/label", "{\"label\": \"x\"}");
        postConforms("/api/v1/flows/1/expire", "/api/v1/flows/1/expire");
        connection.send();
        events.first("segment-discarded");
        getConforms("/api/v1/flows?sort=interest&state=live,blackholed", "/api/v1/flows?sort=colour");
        postConforms(
                "/api/v1/flows/1/heal",
                "/api/v1/flows/1/reset",
                "/api/v1/flows/expire?client=127.0.0.1",
                "/api/v1/flows/heal?client=127.0.0.1",
                "/api/v1/flows/heal?client=10.0.0.1",
                "/api/v1/flows/reset?client=127.0.0.1",
                "/api/v1/flows/reset",
                "/api/v1/replay/restart");
        conforms("patch", "/api/v1/middlebox", rig.patch("{\"maxLifetime\": \"1h\", \"maxFlows\": 3}"));
        conforms("patch", "/api/v1/middlebox", rig.patch("{\"maxLifetime\": 1}"));
        putConforms("/api/v1/outage", "{\"on\": true}");
        getConforms("/api/v1/outage", "/health");
        events.first("outage-changed");
        await().atMost(AdminRig.PATIENCE)
                .untilAsserted(() -> assertThat(events.types()).contains("flow-closed"));
        Schema event = schema("/components/schemas/Event");
        events.all().forEach(each -> assertThat(event.validate(each.data()))
                .as(each.toString())
                .isEmpty());
    }

    @Test
    void requestsThatNoHandlerTakesAreDescribed() throws IOException {
        conforms("get", "/api/v1/flows", rig.get("/api/v1/flows?query=" + "x".repeat(5_000)));
        conforms("get", "/api/v1/flows", rig.get("/api/v1/flows", "X-Long", "x".repeat(20_000)));
        conforms("get", "/api/v1/routes", rig.json("DELETE", "/api/v1/routes", "{}"));
    }

    @Test
    void backgroundFailureConforms() throws IOException {
        rig.failOnNextEvent("thrown on purpose");
        rig.connect();
        await().atMost(AdminRig.PATIENCE).until(() -> rig.get("/health").status() == 503);

        getConforms("/health", "/api/v1/flows");
    }

    private void getConforms(String... paths) throws IOException {
        for (String path : paths) {
            conforms("get", path, rig.get(path));
        }
    }

    private void postConforms(String... paths) throws IOException {
        for (String path : paths) {
            conforms("post", path, rig.post(path));
        }
    }

    private void putConforms(String path, String body) throws IOException {
        conforms("put", path, rig.json("PUT", path, body));
    }

    /** The status, media type and body are among those of the operation. */
    private void conforms(String method, String path, AdminClient.Answer answer) throws IOException {
        String template = path.replaceAll("\\?.*", "").replaceAll("/\\d+", "/{id}");
        String type = answer.header("Content-Type").split(";")[0];
        String response = "/paths/" + template.replace("/", "~1") + "/" + method + "/responses/" + answer.status();
        String shared = document.at(response).path("$ref").asText();
        String pointer =
                (shared.isEmpty() ? response : shared.substring(1)) + "/content/" + type.replace("/", "~1") + "/schema";

        assertThat(document.at(pointer).isMissingNode()).as(pointer).isFalse();
        assertThat(schema(pointer).validate(answer.json()))
                .as(answer.http().body())
                .isEmpty();
    }

    /** The schemas refer to each other, so each is the whole document with one of them at its root. */
    private Schema schema(String pointer) {
        ObjectNode root = document.deepCopy();
        root.put("$ref", "#" + pointer);
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(root);
    }

    @Test
    void validatorNoticesADifference() {
        assertThat(schema("/components/schemas/Outage")
                        .validate(AdminRig.JSON.createObjectNode().put("on", 1)))
                .isNotEmpty();
    }
}
