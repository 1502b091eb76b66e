package blackhole.proxy.api;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.Names;
import blackhole.proxy.http.Problem;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;

/**
 * How values are written in JSON: measured durations as whole milliseconds ({@code "3012ms"}), times as RFC 3339 in UTC,
 * addresses as {@code HOST:PORT}, enums as on the command line. Thread-safe.
 */
public final class Json {
    public static final String MEDIA_TYPE = "application/json";

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .addModule(new SimpleModule()
                    .addSerializer(new AsText<Duration>(Duration.class, duration -> duration.toMillis() + "ms"))
                    .addSerializer(new AsText<>(Instant.class, Instant::toString))
                    .addSerializer(new AsText<>(InetSocketAddress.class, Json::address))
                    .addSerializer(new AsText<>(Endpoint.class, Endpoint::toString))
                    .addSerializer(new AsText<Enum<?>>(Enum.class, Names::of)))
            .build();

    private Json() {}

    private static String address(InetSocketAddress address) {
        return Endpoint.of(address).toString();
    }

    public static byte[] bytes(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("can't be written as JSON: " + value, e);
        }
    }

    /** The components of a record, after {@code first}. */
    public static ObjectNode with(ObjectNode first, Object record) {
        first.setAll((ObjectNode) MAPPER.valueToTree(record));
        return first;
    }

    /** A record or a list as JSON. */
    public static JsonNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }

    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** @throws Problem when the text is not a JSON object */
    public static ObjectNode parseObject(byte[] text) {
        try {
            JsonNode node = MAPPER.readTree(text);
            if (node instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            // What Jackson adds about where the object began names its own settings.
            throw Problem.of(
                    400, "the body is not JSON: " + e.getOriginalMessage().replaceAll("(?s) \\(start marker.*", ""));
        } catch (IOException e) {
            throw Problem.of(400, "the body is not JSON in UTF-8");
        }
        throw Problem.of(400, "the body must be a JSON object");
    }

    private static final class AsText<T> extends StdSerializer<T> {
        private static final long serialVersionUID = 1;

        private final transient Function<T, String> text;

        AsText(Class<?> type, Function<T, String> text) {
            super(type, false);
            this.text = text;
        }

        @Override
        public void serialize(T value, JsonGenerator json, SerializerProvider provider) throws IOException {
            json.writeString(text.apply(value));
        }
    }
}
