package blackhole.proxy.api;

import blackhole.middlebox.config.Setting;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;

/** The OpenAPI document of the HTTP API: {@code openapi.json} with the schemas of the settings added. */
public final class OpenApi {
    private static final String RESOURCE = "openapi.json";

    private static final Map<String, String> COMMON_RESPONSES = Map.of(
            "400", "BadRequest",
            "401", "Unauthorized",
            "403", "Forbidden",
            "405", "MethodNotAllowed",
            "413", "TooLarge",
            "414", "UriTooLong",
            "431", "HeadersTooLarge",
            "503", "Closed");

    private OpenApi() {}

    public static ObjectNode document() {
        try (InputStream resource = OpenApi.class.getResourceAsStream(RESOURCE)) {
            if (resource == null) {
                throw new IOException("the jar lacks " + RESOURCE);
            }
            ObjectNode document = Json.parseObject(resource.readAllBytes());
            document.get("paths").forEach(OpenApi::addCommonParts);
            ObjectNode schemas = (ObjectNode) document.at("/components/schemas");
            addSchema(schemas.putObject("OnExpiry"), Setting.ON_EXPIRY);
            ObjectNode settings = settings("The settings of the middlebox.", false);
            Setting.ALL.forEach(setting -> settings.withArray("required").add(setting.jsonName()));
            schemas.set("Middlebox", settings);
            schemas.set("MiddleboxPatch", settings("The settings to change; null restores the default.", true));
            return document;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds HEAD where there is GET, and the responses that every operation can have. */
    private static void addCommonParts(JsonNode path) {
        if (path.get("get") instanceof ObjectNode get) {
            ObjectNode head = get.deepCopy();
            head.put("operationId", get.get("operationId").textValue() + "Head");
            head.put("summary", get.get("summary").textValue() + "; headers only");
            head.get("responses").forEach(response -> ((ObjectNode) response).remove("content"));
            ((ObjectNode) path).set("head", head);
        }
        for (Map.Entry<String, JsonNode> operation : path.properties()) {
            ObjectNode responses = (ObjectNode) operation.getValue().get("responses");
            COMMON_RESPONSES.forEach((status, name) -> {
                if (!responses.has(status)) {
                    responses.putObject(status).put("$ref", "#/components/responses/" + name);
                }
            });
        }
    }

    private static ObjectNode settings(String description, boolean isPatch) {
        ObjectNode object = Json.object().put("type", "object").put("description", description);
        ObjectNode properties = object.putObject("properties");
        for (Setting<?> setting : Setting.ALL) {
            boolean isNullable = isPatch ? setting.isOptional() : setting.defaultValue() == null;
            ObjectNode property = properties.putObject(setting.jsonName());
            addSchema(property, setting);
            if (isNullable) {
                property.putArray("type")
                        .add((String) setting.type().schema().get("type"))
                        .add("null");
            }
            property.put("description", (setting.summary() + " " + String.join(" ", setting.details())).strip());
        }
        return object.put("additionalProperties", false);
    }

    private static void addSchema(ObjectNode node, Setting<?> setting) {
        new TreeMap<>(setting.type().schema()).forEach(node::putPOJO);
    }
}
