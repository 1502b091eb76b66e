package blackhole.client.cli;

import blackhole.client.compare.Expected;
import blackhole.client.compare.Variant;
import blackhole.client.scenario.ScenarioException;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import blackhole.keepalive.SocketOptions;
import blackhole.keepalive.Times;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * The user's own variants in YAML: options of the command line by the variant's name, and settings of Kafka's producer under
 * {@code kafka}.
 *
 * <pre>
 * keepalive and user timeout:
 *   about: both parts of the fix
 *   keepalive: on
 *   user-timeout: 20s
 *   expect: IMMEDIATE
 * one wait:
 *   kafka:
 *     metadata.recovery.strategy: none
 * </pre>
 */
final class VariantsFile {

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
            .build();

    private VariantsFile() {}

    /**
     * Reads the variants of a file.
     *
     * @throws ScenarioException if the file can't be read or is wrong; the message names the line, or variant and setting
     */
    static List<Variant> read(Path file) {
        String where = "--variants " + file + ":";
        try {
            JsonNode variants = YAML.readTree(UserFile.read("--variants", file));
            if (!variants.isObject() || variants.isEmpty()) {
                throw new ScenarioException(where + " no variants; see the example of 'compare --help'");
            }
            return variants.properties().stream()
                    .map(entry -> variant(where + " " + entry.getKey() + ": ", entry.getKey(), entry.getValue()))
                    .toList();
        } catch (JsonProcessingException e) {
            // Without the lines in which SnakeYAML quotes the file.
            String reason = e.getOriginalMessage()
                    .lines()
                    .filter(line -> !line.startsWith(" "))
                    .collect(Collectors.joining(": "));
            throw new ScenarioException(where + e.getLocation().getLineNr() + ": " + reason, e);
        }
    }

    private static Variant variant(String where, String name, JsonNode settings) {
        if (!settings.isObject() && !settings.isNull()) {
            throw new ScenarioException(where + "expected settings, such as 'keepalive: on'");
        }
        try {
            List<String> options = new ArrayList<>();
            Map<String, String> kafka = Map.of();
            for (Map.Entry<String, JsonNode> setting : settings.properties()) {
                if (setting.getKey().equals("kafka")) {
                    kafka = kafka(setting.getValue());
                } else {
                    options.add("--" + setting.getKey() + "=" + value(setting));
                }
            }
            return Settings.parse(options).variant(name, kafka);
        } catch (ParameterException e) {
            throw new ScenarioException(where + ClientMain.message(e), e);
        } catch (ScenarioException e) {
            throw new ScenarioException(where + e.getMessage(), e);
        }
    }

    private static Map<String, String> kafka(JsonNode settings) {
        Map<String, String> kafka = new TreeMap<>();
        for (Map.Entry<String, JsonNode> setting : settings.properties()) {
            if (!ProducerConfig.configNames().contains(setting.getKey())) {
                throw new ScenarioException("unknown setting '" + setting.getKey() + "' of Kafka's producer");
            }
            kafka.put(setting.getKey(), value(setting));
        }
        return kafka;
    }

    private static String value(Map.Entry<String, JsonNode> setting) {
        if (!setting.getValue().isValueNode()) {
            throw new ScenarioException(setting.getKey() + ": expected a single value");
        }
        return setting.getValue().asText();
    }

    @Command
    private static final class Settings {

        @Option(names = "--about")
        private @Nullable String about;

        @Option(names = "--expect")
        private @Nullable Verdict expect;

        @Option(names = "--refresher")
        private OnOff refresher = OnOff.off;

        @Option(names = "--refresher-every")
        private @Nullable Duration refresherEvery;

        @Mixin
        private SocketFlags socketFlags = new SocketFlags();

        static Settings parse(List<String> options) {
            Settings settings = new Settings();
            ClientMain.configured(settings).parseArgs(options.toArray(String[]::new));
            return settings;
        }

        Variant variant(String name, Map<String, String> kafka) {
            SocketOptions options = socketFlags.options();
            if (socketFlags.hasUselessTimers()) {
                throw new ScenarioException("the keepalive timers have no effect without keepalive: on");
            }
            if (refresher == OnOff.off && refresherEvery != null) {
                throw new ScenarioException("refresher-every has no effect without refresher: on");
            }
            Duration wanted = refresherEvery == null ? ScenarioSettings.REFRESH_EVERY : refresherEvery;
            Duration every = refresher == OnOff.off ? null : wanted;
            // Only the names of Kafka's settings, whose values may be secret.
            String described = options
                    + (every == null ? "" : ", refresher every " + Times.text(every))
                    + kafka.keySet().stream().map(setting -> ", " + setting).collect(Collectors.joining());
            Expected expected =
                    new Expected(expect, "the --variants file " + (expect == null ? "expects none" : "says so"));
            return new Variant(name, about == null ? described : about, options, every, kafka, expected);
        }
    }
}
