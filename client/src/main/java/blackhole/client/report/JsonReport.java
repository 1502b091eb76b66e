package blackhole.client.report;

import blackhole.client.scenario.ScenarioSettings;
import blackhole.keepalive.TunedSocket;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategy;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.introspect.AnnotatedMethod;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdDelegatingSerializer;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.databind.util.StdConverter;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * A run or a comparison as one JSON document, as described by docs/report-schema.json. Durations are numbers of
 * milliseconds, in properties whose names end in {@code Ms}. The values of producer properties that may be secret are
 * hidden.
 */
public final class JsonReport {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .addModule(new SimpleModule()
                    .addSerializer(new StdDelegatingSerializer(Duration.class, new Millis()))
                    .addSerializer(new StdDelegatingSerializer(InetSocketAddress.class, new Address()))
                    .addSerializer(Instant.class, ToStringSerializer.instance))
            .addMixIn(ScenarioSettings.class, Settings.class)
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

    private interface Settings {
        @JsonSerialize(converter = Masking.class)
        Map<String, String> producerProperties();
    }

    private static final class Masking extends StdConverter<Map<String, String>, Map<String, String>> {
        @Override
        public Map<String, String> convert(Map<String, String> properties) {
            return Secrets.masked(properties);
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

    /** To milliseconds, rounded to two decimals. */
    private static final class Millis extends StdConverter<Duration, Number> {
        @Override
        public Number convert(Duration time) {
            long hundredths = Math.round(time.toNanos() / 10_000.0);
            return hundredths % 100 == 0 ? (Number) (hundredths / 100) : (Number) (hundredths / 100.0);
        }
    }

    private static final class Address extends StdConverter<InetSocketAddress, String> {
        @Override
        public String convert(InetSocketAddress address) {
            return TunedSocket.text(address);
        }
    }
}
