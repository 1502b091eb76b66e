package blackhole.client.compare;

import blackhole.client.scenario.ScenarioException;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import blackhole.keepalive.SocketOptions;
import blackhole.keepalive.Times;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.KeyDeserializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.jspecify.annotations.Nullable;

/**
 * The user's own variants in YAML: settings by the variant's name, with the names of the command line's options, and
 * settings of Kafka's producer under {@code kafka}.
 *
 * <pre>
 * keepalive and user timeout:
 *   about: both parts of the fix
 *   keepalive: on
 *   keepalive-idle: 37s
 *   user-timeout: 20s
 *   expect: IMMEDIATE
 * one wait:
 *   kafka:
 *     metadata.recovery.strategy: none
 * </pre>
 */
public final class VariantsFile {

    private static final ObjectMapper YAML = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .addModule(new SimpleModule().addDeserializer(Duration.class, new Time()))
            .build();

    private VariantsFile() {}

    /**
     * Reads the variants of a file.
     *
     * @throws ScenarioException if the file can't be read or is wrong; the message names the line
     */
    public static List<Variant> read(Path file) {
        List<Variant> variants = new ArrayList<>();
        try (Reader text = Files.newBufferedReader(file, StandardCharsets.UTF_8);
                JsonParser parser = YAML.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new ScenarioException("--variants " + file + ": no variants; write a name and its settings, as in"
                        + " the example of 'compare --help'");
            }
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                int line = parser.currentTokenLocation().getLineNr();
                parser.nextToken();
                Settings settings = YAML.readValue(parser, Settings.class);
                try {
                    variants.add((settings == null ? Settings.NONE : settings).variant(name));
                } catch (IllegalArgumentException e) {
                    throw wrong(file, line, name + ": " + e.getMessage(), e);
                }
            }
            return variants;
        } catch (NoSuchFileException e) {
            throw new ScenarioException("--variants " + file + ": no such file", e);
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw wrong(file, line, reason(e), e);
        } catch (IOException e) {
            throw new ScenarioException("--variants " + file + ": can't be read: " + e.getMessage(), e);
        }
    }

    private static ScenarioException wrong(Path file, int line, String reason, Exception cause) {
        return new ScenarioException("--variants " + file + ":" + line + ": " + reason, cause);
    }

    private static String reason(JsonProcessingException e) {
        if (e instanceof UnrecognizedPropertyException unknown) {
            return "unknown setting '" + unknown.getPropertyName() + "'; the settings are "
                    + unknown.getKnownPropertyIds().stream()
                            .map(String::valueOf)
                            .sorted()
                            .collect(Collectors.joining(", "));
        }
        String setting =
                e instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()
                        ? mapping.getPath().get(mapping.getPath().size() - 1).getFieldName() + ": "
                        : "";
        if (e instanceof InvalidFormatException invalid) {
            Class<?> type = invalid.getTargetType();
            String allowed = type.isEnum()
                    ? "one of " + List.of(type.getEnumConstants())
                    : type == boolean.class ? "on or off" : "a number";
            return setting + "'" + invalid.getValue() + "' is not " + allowed;
        }
        if (e instanceof MismatchedInputException) {
            return setting + "not settings, such as 'keepalive: on'";
        }
        // Without the lines in which SnakeYAML quotes the file.
        return setting
                + e.getOriginalMessage()
                        .lines()
                        .filter(line -> !line.startsWith(" "))
                        .collect(Collectors.joining(": "));
    }

    /** The settings of one variant, as in the file. */
    @JsonNaming(PropertyNamingStrategies.KebabCaseStrategy.class)
    private record Settings(
            @Nullable String about,
            @Nullable Verdict expect,
            boolean keepalive,
            @Nullable Duration keepaliveIdle,
            @Nullable Duration keepaliveInterval,
            @Nullable Integer keepaliveCount,
            @Nullable Duration userTimeout,
            boolean refresher,
            @Nullable Duration refresherEvery,

            @JsonDeserialize(keyUsing = ProducerSetting.class) @Nullable
            Map<String, String> kafka) {

        static final Settings NONE = new Settings(null, null, false, null, null, null, null, false, null, null);

        Variant variant(String name) {
            if (!keepalive && (keepaliveIdle != null || keepaliveInterval != null || keepaliveCount != null)) {
                throw new IllegalArgumentException("the keepalive timers have no effect without keepalive: on");
            }
            if (!refresher && refresherEvery != null) {
                throw new IllegalArgumentException("refresher-every has no effect without refresher: on");
            }
            SocketOptions off = SocketOptions.OFF;
            SocketOptions options = new SocketOptions(
                    keepalive,
                    orElse(keepaliveIdle, off.keepAliveIdle()),
                    orElse(keepaliveInterval, off.keepAliveInterval()),
                    orElse(keepaliveCount, off.keepAliveCount()),
                    Optional.ofNullable(userTimeout));
            Optional<Duration> every =
                    refresher ? Optional.of(orElse(refresherEvery, ScenarioSettings.REFRESH_EVERY)) : Optional.empty();
            Map<String, String> producer = orElse(kafka, Map.of());
            Expected expected = expect == null
                    ? Expected.nothing("the file of --variants expects none")
                    : Expected.of(expect, "the file of --variants says so");
            return new Variant(
                    name, orElse(about, described(options, every, producer)), options, every, producer, expected);
        }

        /** Only the names of Kafka's settings, whose values may be secret. */
        private static String described(SocketOptions options, Optional<Duration> every, Map<String, String> producer) {
            return options
                    + every.map(period -> ", refresher every " + Times.text(period))
                            .orElse("")
                    + producer.keySet().stream()
                            .sorted()
                            .map(setting -> ", " + setting)
                            .collect(Collectors.joining());
        }

        private static <T> T orElse(@Nullable T value, T otherwise) {
            return value == null ? otherwise : value;
        }
    }

    private static final class Time extends StdDeserializer<Duration> {
        private static final long serialVersionUID = 1;

        Time() {
            super(Duration.class);
        }

        /** YAML's {@code off} is the boolean false. */
        @Override
        public @Nullable Duration deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            if (parser.currentToken() == JsonToken.VALUE_FALSE) {
                return null;
            }
            try {
                return Times.parse(parser.getText());
            } catch (IllegalArgumentException e) {
                throw JsonMappingException.from(parser, e.getMessage());
            }
        }
    }

    /** Jackson instantiates it. */
    static final class ProducerSetting extends KeyDeserializer {
        @Override
        public Object deserializeKey(String name, DeserializationContext context) throws IOException {
            if (!ProducerConfig.configNames().contains(name)) {
                throw JsonMappingException.from(
                        context.getParser(), "unknown setting '" + name + "' of Kafka's producer");
            }
            return name;
        }
    }
}
