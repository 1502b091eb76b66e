package blackhole.client.cli;

import blackhole.client.compare.Expected;
import blackhole.client.compare.Variant;
import blackhole.client.scenario.ScenarioException;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import blackhole.keepalive.SocketOptions;
import blackhole.keepalive.Times;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
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

    private static final YAMLFactory YAML = YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
            .build();

    private final Path file;
    private final JsonParser parser;

    private VariantsFile(Path file, JsonParser parser) {
        this.file = file;
        this.parser = parser;
    }

    /**
     * Reads the variants of a file.
     *
     * @throws ScenarioException if the file can't be read or is wrong; the message names the line
     */
    static List<Variant> read(Path file) {
        try (JsonParser parser = YAML.createParser(UserFile.read("--variants", file))) {
            return new VariantsFile(file, parser).variants();
        } catch (JsonProcessingException e) {
            // Without the lines in which SnakeYAML quotes the file.
            String reason = e.getOriginalMessage()
                    .lines()
                    .filter(line -> !line.startsWith(" "))
                    .collect(Collectors.joining(": "));
            throw new ScenarioException(
                    "--variants " + file + ":" + e.getLocation().getLineNr() + ": " + reason, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Variant> variants() throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw wrong(1, "no variants; see the example of 'compare --help'");
        }
        List<Variant> variants = new ArrayList<>();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            variants.add(variant(name));
        }
        return variants;
    }

    private Variant variant(String name) throws IOException {
        int line = line();
        List<String> options = new ArrayList<>();
        Map<String, Integer> lines = new HashMap<>();
        Map<String, String> kafka = new TreeMap<>();
        if (parser.nextToken() == JsonToken.START_OBJECT) {
            for (String setting = parser.nextFieldName(); setting != null; setting = parser.nextFieldName()) {
                lines.put("--" + setting, line());
                if (setting.equals("kafka")) {
                    parser.nextToken();
                    readKafka(kafka);
                } else {
                    options.add("--" + setting + "=" + nextValue(setting));
                }
            }
        } else if (!parser.getText().isEmpty()) {
            throw wrong(line(), name + ": expected settings, such as 'keepalive: on'");
        }
        try {
            return Settings.parse(options).variant(name, kafka);
        } catch (ParameterException e) {
            throw wrong(lineOf(ClientMain.message(e), lines, line), name + ": " + ClientMain.message(e));
        } catch (ScenarioException e) {
            throw wrong(lineOf(e.getMessage(), lines, line), name + ": " + e.getMessage());
        }
    }

    /** Returns the line of the setting that the message names, or else the default. */
    private static int lineOf(String message, Map<String, Integer> lines, int otherwise) {
        return lines.entrySet().stream()
                .filter(option -> message.matches(".*" + Pattern.quote(option.getKey()) + "[^a-z-].*"))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(otherwise);
    }

    private void readKafka(Map<String, String> kafka) throws IOException {
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            if (!ProducerConfig.configNames().contains(name)) {
                throw wrong(line(), "unknown setting '" + name + "' of Kafka's producer");
            }
            kafka.put(name, nextValue(name));
        }
    }

    private String nextValue(String setting) throws IOException {
        if (!parser.nextToken().isScalarValue()) {
            throw wrong(line(), setting + ": expected a single value");
        }
        return parser.getText();
    }

    private int line() {
        return parser.currentTokenLocation().getLineNr();
    }

    private ScenarioException wrong(int line, String reason) {
        return new ScenarioException("--variants " + file + ":" + line + ": " + reason);
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
