package blackhole.proxy.api;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.Names;
import blackhole.middlebox.config.UsageException;
import blackhole.middlebox.flow.BackgroundFailure;
import blackhole.middlebox.flow.Flow;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategy;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.introspect.Annotated;
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
import com.fasterxml.jackson.databind.type.LogicalType;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .withCoercionConfig(
                    LogicalType.Textual, text -> text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            // As a double, 1e999 would be quoted as Infinity.
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            // A record's isX methods are not components.
            .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
            .annotationIntrospector(new OurNames())
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
                    .addDeserializer(Instant.class, new FromText<>(Instant.class, Json::time))
                    .addDeserializer(Endpoint.class, new FromText<>(Endpoint.class, Endpoint::parse))
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
        return object().put("type", typeOf(event.getClass())).setAll(tree(event));
    }

    /** Returns the {@code type} of an event of this class. */
    public static String typeOf(Class<?> event) {
        return event.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }

    /**
     * Reads a record: every component must have a field of its type, which is null only if the component may be, and there
     * are no other fields.
     *
     * @throws UsageException if that isn't so; the message names the field
     */
    public static <T> T read(JsonNode json, Class<T> record) {
        try {
            return MAPPER.treeToValue(json, record);
        } catch (JsonMappingException e) {
            throw JsonMistake.of(e);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree has no syntax errors", e);
        }
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

    private static Instant time(String text) {
        if (!text.matches("\\d{4}-.*Z")) {
            throw new UsageException("not a time in UTC");
        }
        return Instant.parse(text);
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

    private static final class OurNames extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1;

        @Override
        public String[] findEnumValues(
                MapperConfig<?> config, AnnotatedClass type, Enum<?>[] constants, String[] names) {
            return Arrays.stream(constants).map(Names::of).toArray(String[]::new);
        }

        /** Null is refused for a component of a record unless it is nullable. */
        @Override
        public JsonSetter.Value findSetterInfo(Annotated annotated) {
            boolean mayBeNull = !(annotated instanceof AnnotatedParameter parameter)
                    || !(parameter.getOwner().getMember() instanceof Constructor<?> constructor)
                    || constructor.getAnnotatedParameterTypes()[parameter.getIndex()].isAnnotationPresent(
                            Nullable.class);
            return mayBeNull ? super.findSetterInfo(annotated) : JsonSetter.Value.construct(Nulls.FAIL, Nulls.FAIL);
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
