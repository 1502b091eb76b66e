package blackhole.proxy.api;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.Names;
import blackhole.middlebox.config.UsageException;
import blackhole.middlebox.flow.BackgroundFailure;
import blackhole.middlebox.flow.Flow;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategy;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.AnnotatedField;
import com.fasterxml.jackson.databind.introspect.AnnotatedMethod;
import com.fasterxml.jackson.databind.introspect.AnnotatedParameter;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializerBase;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;

/**
 * Maps records to JSON and back: a measured duration is a number of milliseconds in a field whose name says so ({@code
 * "idleMillis": 3012}), times RFC 3339 in UTC, addresses {@code HOST:PORT}, enums as on the command line. Thread-safe.
 */
public final class Json {
    public static final String MEDIA_TYPE = "application/json";

    /** Far from where arithmetic overflows. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            // As a double, 1e999 would be quoted as Infinity.
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            // A record's isX methods are not components.
            .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
            .annotationIntrospector(new EnumNames())
            .propertyNamingStrategy(new MillisNames())
            .addMixIn(Flow.LegStatus.class, FractionalRtt.class)
            .addMixIn(BackgroundFailure.class, CauseAsError.class)
            .addModule(new SimpleModule()
                    .addSerializer(new Millis())
                    .addSerializer(Instant.class, ToStringSerializer.instance)
                    .addSerializer(new AsText<>(InetSocketAddress.class, address -> Endpoint.of(address)
                            .toString()))
                    .addSerializer(Endpoint.class, ToStringSerializer.instance)
                    .addDeserializer(Duration.class, new FromMillis())
                    .addDeserializer(Instant.class, new FromText<>(Instant.class, Instant::parse))
                    .addDeserializer(InetSocketAddress.class, new FromText<>(InetSocketAddress.class, Json::address)))
            .build();

    private Json() {}

    public static byte[] bytes(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("can't be written as JSON: " + value, e);
        }
    }

    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    public static ObjectNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }

    /** Returns a record after a field {@code type}: its class, such as {@code flow-expired}. Returns a node unchanged. */
    public static ObjectNode typed(Object event) {
        if (event instanceof ObjectNode typed) {
            return typed;
        }
        String type = event.getClass().getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "-");
        return object().put("type", type.toLowerCase(Locale.ROOT)).setAll(tree(event));
    }

    /** @throws JsonProcessingException if the fields don't fit the record's components */
    public static <T> T read(JsonNode json, Class<T> record) throws JsonProcessingException {
        return MAPPER.treeToValue(json, record);
    }

    /** @throws Problem unless {@code text} is a JSON object */
    public static ObjectNode parseObject(byte[] text) {
        try {
            if (MAPPER.readTree(text) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            // Jackson also appends the object's start location and its own setting names.
            String reason = e.getOriginalMessage().replaceAll("(?s) \\(start marker.*", "");
            throw Problem.of(400, "the body is not JSON: " + reason);
        } catch (IOException e) {
            throw Problem.of(400, "the body is not JSON in UTF-8");
        }
        throw Problem.of(400, "the body must be a JSON object");
    }

    /** @throws Problem if the body has fields other than {@code field} */
    static void requireOnly(String field, ObjectNode body) {
        body.fieldNames().forEachRemaining(name -> {
            if (!name.equals(field)) {
                throw Problem.inField(name, "is unknown; use " + field);
            }
        });
    }

    private static InetSocketAddress address(String text) {
        Endpoint endpoint = Endpoint.parse(text);
        InetAddress address = NetUtil.createInetAddressFromIpAddressString(endpoint.host());
        if (address == null) {
            throw new UsageException("'" + endpoint.host() + "' is not an IP address");
        }
        return new InetSocketAddress(address, endpoint.port());
    }

    /** Microseconds matter in a round-trip time. */
    private interface FractionalRtt {
        @JsonProperty
        @JsonSerialize(using = MillisWithFraction.class)
        Duration rtt();
    }

    private static final class MillisNames extends PropertyNamingStrategy {
        private static final long serialVersionUID = 1;

        @Override
        public String nameForField(MapperConfig<?> config, AnnotatedField field, String name) {
            return name(field.getType(), name);
        }

        @Override
        public String nameForGetterMethod(MapperConfig<?> config, AnnotatedMethod method, String name) {
            return name(method.getType(), name);
        }

        @Override
        public String nameForConstructorParameter(MapperConfig<?> config, AnnotatedParameter parameter, String name) {
            return name(parameter.getType(), name);
        }

        private static String name(JavaType type, String name) {
            JavaType value = type.isCollectionLikeType() ? type.getContentType() : type;
            return value.hasRawClass(Duration.class) ? name + "Millis" : name;
        }
    }

    private static final class Millis extends StdSerializer<Duration> {
        private static final long serialVersionUID = 1;

        Millis() {
            super(Duration.class);
        }

        @Override
        public void serialize(Duration duration, JsonGenerator json, SerializerProvider provider) throws IOException {
            json.writeNumber(duration.toMillis());
        }
    }

    private static final class MillisWithFraction extends StdSerializer<Duration> {
        private static final long serialVersionUID = 1;

        MillisWithFraction() {
            super(Duration.class);
        }

        @Override
        public void serialize(Duration duration, JsonGenerator json, SerializerProvider provider) throws IOException {
            json.writeNumber(duration.toNanos() / 1e6);
        }
    }

    private static final class FromMillis extends StdDeserializer<Duration> {
        private static final long serialVersionUID = 1;

        FromMillis() {
            super(Duration.class);
        }

        @Override
        public Duration deserialize(JsonParser json, DeserializationContext context) throws IOException {
            if (!json.currentToken().isNumeric() || Math.abs(json.getDoubleValue()) > LONGEST.toMillis()) {
                throw InvalidFormatException.from(
                        json,
                        "must be a number of milliseconds up to " + LONGEST.toMillis(),
                        json.getText(),
                        Duration.class);
            }
            return Duration.ofNanos(Math.round(json.getDoubleValue() * 1e6));
        }
    }

    /** The stack trace is in the log. */
    private interface CauseAsError {
        @JsonProperty("error")
        @JsonSerialize(using = ToStringSerializer.class)
        Throwable cause();
    }

    private static final class EnumNames extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1;

        @Override
        public String[] findEnumValues(
                MapperConfig<?> config, AnnotatedClass type, Enum<?>[] constants, String[] names) {
            return Arrays.stream(constants).map(Names::of).toArray(String[]::new);
        }
    }

    private static final class AsText<T> extends ToStringSerializerBase {
        private static final long serialVersionUID = 1;

        private final transient Function<T, String> format;

        AsText(Class<T> type, Function<T, String> format) {
            super(type);
            this.format = format;
        }

        @Override
        @SuppressWarnings("unchecked")
        public String valueToString(Object value) {
            return format.apply((T) value);
        }
    }

    private static final class FromText<T> extends FromStringDeserializer<T> {
        private static final long serialVersionUID = 1;

        private final transient Function<String, T> parse;

        FromText(Class<T> type, Function<String, T> parse) {
            super(type);
            this.parse = parse;
        }

        @Override
        protected T _deserialize(String text, DeserializationContext context) throws IOException {
            try {
                return parse.apply(text);
            } catch (RuntimeException e) {
                throw context.weirdStringException(text, handledType(), e.getMessage());
            }
        }
    }
}
