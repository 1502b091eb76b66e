package blackhole.proxy.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import blackhole.proxy.events.EventReader;
import blackhole.proxy.http.AdminRig;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The description of the API against the API. */
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
    void describesExactlyWhatThereIs() {
        TreeSet<String> described = new TreeSet<>();
        for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
                described.add(operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey());
            }
        }
        TreeSet<String> there = new TreeSet<>(rig.admin().operations());
        assertThat(described).isEqualTo(there);
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
    void answersAreAsDescribed() throws IOException {
        AdminRig.Connection connection = rig.connect();
        connection.exchange();
        rig.connect();
        EventReader events = rig.events("/api/v1/events?start=oldest");

        conforms("get", "/api/v1/routes", rig.get("/api/v1/routes"));
        conforms("get", "/api/v1/flows/{id}", rig.get("/api/v1/flows/1"));
        conforms("get", "/api/v1/flows/{id}", rig.get("/api/v1/flows/9"));
        conforms(
                "put",
                "/api/v1/flows/{id}/label",
                rig.json("PUT", "/api/v1/flows/1/label", "{\"label\": \"producer\"}"));
        conforms(
                "put",
                "/api/v1/flows/label",
                rig.json("PUT", "/api/v1/flows/label?client=127.0.0.1", "{\"label\": null}"));
        conforms("put", "/api/v1/flows/label", rig.json("PUT", "/api/v1/flows/label", "{\"label\": \"x\"}"));
        conforms("post", "/api/v1/flows/{id}/expire", rig.post("/api/v1/flows/1/expire"));
        conforms("post", "/api/v1/flows/{id}/expire", rig.post("/api/v1/flows/1/expire"));
        connection.client().getOutputStream().write(1);
        events.first("segment-discarded");
        conforms("get", "/api/v1/flows", rig.get("/api/v1/flows?sort=interest&state=live,blackholed"));
        conforms("get", "/api/v1/flows", rig.get("/api/v1/flows?sort=colour"));
        conforms("post", "/api/v1/flows/{id}/heal", rig.post("/api/v1/flows/1/heal"));
        conforms("post", "/api/v1/flows/{id}/reset", rig.post("/api/v1/flows/1/reset"));
        conforms("post", "/api/v1/flows/expire", rig.post("/api/v1/flows/expire?client=127.0.0.1"));
        conforms("post", "/api/v1/flows/heal", rig.post("/api/v1/flows/heal?client=127.0.0.1"));
        conforms("post", "/api/v1/flows/heal", rig.post("/api/v1/flows/heal?client=10.0.0.1"));
        conforms("post", "/api/v1/flows/reset", rig.post("/api/v1/flows/reset?client=127.0.0.1"));
        conforms("post", "/api/v1/flows/reset", rig.post("/api/v1/flows/reset"));
        conforms("get", "/api/v1/middlebox", rig.get("/api/v1/middlebox"));
        conforms("patch", "/api/v1/middlebox", rig.patch("{\"maxLifetime\": \"1h\", \"maxFlows\": 3}"));
        conforms("patch", "/api/v1/middlebox", rig.patch("{\"maxLifetime\": 1}"));
        conforms("put", "/api/v1/outage", rig.json("PUT", "/api/v1/outage", "{\"on\": true}"));
        conforms("get", "/api/v1/profiles", rig.get("/api/v1/profiles"));
        conforms("get", "/api/v1/outage", rig.get("/api/v1/outage"));
        conforms("get", "/health", rig.get("/health"));
        events.first("outage-changed");
        await().atMost(AdminRig.PATIENCE)
                .untilAsserted(() -> assertThat(events.types()).contains("flow-closed"));
        Schema event = schema("/components/schemas/Event");
        events.all().forEach(each -> assertThat(event.validate(each.data()))
                .as(each.toString())
                .isEmpty());
    }

    /** The answer's status, media type and body are among those of the operation. */
    private void conforms(String method, String path, AdminRig.Answer answer) throws IOException {
        String type = answer.header("Content-Type").split(";")[0];
        String response = "/paths/" + path.replace("/", "~1") + "/" + method + "/responses/" + answer.status();
        String shared = document.at(response).path("$ref").asText();
        String pointer =
                (shared.isEmpty() ? response : shared.substring(1)) + "/content/" + type.replace("/", "~1") + "/schema";

        assertThat(document.at(pointer).isMissingNode()).as(pointer).isFalse();
        assertThat(schema(pointer).validate(answer.json()))
                .as(answer.http().body())
                .isEmpty();
    }

    /** The document's schemas refer to each other, so it is all of them with one to begin with. */
    private Schema schema(String pointer) {
        ObjectNode root = document.deepCopy();
        root.put("$ref", "#" + pointer);
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(root);
    }

    @Test
    void theValidatorWouldNoticeADifference() {
        List<Error> errors = new ArrayList<>(schema("/components/schemas/Outage")
                .validate(AdminRig.JSON.createObjectNode().put("on", 1)));

        assertThat(errors).isNotEmpty();
    }
}
