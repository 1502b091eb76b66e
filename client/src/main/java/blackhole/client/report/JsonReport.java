package blackhole.client.report;

import blackhole.keepalive.TunedSocket;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategy;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.introspect.AnnotatedMethod;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdDelegatingSerializer;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.databind.util.StdConverter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;

/**
 * A run or a comparison as one JSON document, as described by docs/report-schema.json. Durations are numbers of
 * milliseconds, in properties whose names end in {@code Ms}. The values of producer properties that may be secret are
 * hidden.
 */
public final class JsonReport {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new SimpleModule()
                    .addSerializer(serializer(Duration.class, JsonReport::millis))
                    .addSerializer(serializer(InetSocketAddress.class, TunedSocket::text))
                    .addSerializer(Instant.class, ToStringSerializer.instance))
            .propertyNamingStrategy(new DurationsEndInMs())
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private JsonReport() {}

    /** Returns a {@link RunRecord}, a comparison or a list of either as JSON. */
    public static String of(Object report) {
        try {
            return JSON.writeValueAsString(report);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class DurationsEndInMs extends PropertyNamingStrategy {
        private static final long serialVersionUID = 1;

        @Override
        public String nameForGetterMethod(MapperConfig<?> config, AnnotatedMethod method, String name) {
            JavaType type = method.getType();
            JavaType content = type.containedTypeOrUnknown(0);
            return type.hasRawClass(Duration.class) || content.hasRawClass(Duration.class) ? name + "Ms" : name;
        }
    }

    private static <T> StdDelegatingSerializer serializer(Class<T> type, Function<T, Object> convert) {
        return new StdDelegatingSerializer(type, new StdConverter<T, Object>() {
            @Override
            public Object convert(T value) {
                return convert.apply(value);
            }
        });
    }

    /** To milliseconds, rounded to two decimals. */
    private static Object millis(Duration time) {
        long hundredths = Math.round(time.toNanos() / 10_000.0);
        return hundredths % 100 == 0 ? (Object) (hundredths / 100) : (Object) (hundredths / 100.0);
    }
}
