package blackhole.proxy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads lines of the JSON log. */
final class JsonLog {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private JsonLog() {}

    static Map<String, Object> parse(String line) {
        try {
            return MAPPER.readValue(line, new TypeReference<>() {});
        } catch (JsonProcessingException e) {
            throw new AssertionError(line, e);
        }
    }

    /** Logback's {@code kvpList}, flat. */
    static Map<String, Object> pairs(Map<String, Object> line) {
        Map<String, Object> pairs = new LinkedHashMap<>();
        if (line.get("kvpList") instanceof List<?> list) {
            list.forEach(pair -> ((Map<?, ?>) pair).forEach((key, value) -> pairs.put((String) key, value)));
        }
        return pairs;
    }
}
