package blackhole.client.compare;

import blackhole.client.scenario.ScenarioException;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import blackhole.keepalive.SocketOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.jspecify.annotations.Nullable;

/**
 * The user's own variants: a section for each, and a setting on each line.
 *
 * <pre>
 * # What all others are compared with.
 * [as it is]
 * expect = STALLED
 *
 * [keepalive and user timeout]
 * about = both of the fix
 * keepalive = on
 * keepalive-idle = 37s
 * keepalive-interval = 9s
 * keepalive-count = 3
 * user-timeout = 20s
 * expect = IMMEDIATE
 *
 * [impatient]
 * request.timeout.ms = 6000
 * metadata.recovery.strategy = none
 * </pre>
 *
 * <p>Settings are those of the command line ({@code keepalive}, {@code keepalive-idle}, {@code keepalive-interval},
 * {@code keepalive-count}, {@code user-timeout}, {@code refresher}, {@code refresher-every}), {@code about} and
 * {@code expect}, and any of kafka-clients' producer by its name there. Lines that are empty or begin with {@code #} don't
 * count.
 */
public final class VariantsFile {

    private static final Set<String> OWN = new TreeSet<>(Set.of(
            "about",
            "expect",
            "keepalive",
            "keepalive-idle",
            "keepalive-interval",
            "keepalive-count",
            "user-timeout",
            "refresher",
            "refresher-every"));

    private final String file;
    private final Function<String, Duration> times;
    private final List<Variant> variants = new ArrayList<>();
    private final Map<String, Integer> lineOfName = new LinkedHashMap<>();

    private int line;
    private @Nullable String name;
    private int nameLine;
    private Map<String, String> own = new LinkedHashMap<>();
    private Map<String, Integer> lineOfSetting = new LinkedHashMap<>();
    private Map<String, String> kafka = new LinkedHashMap<>();

    private VariantsFile(String file, Function<String, Duration> times) {
        this.file = file;
        this.times = times;
    }

    /**
     * Reads a file.
     *
     * @param file in UTF-8
     * @param times reads a time, as in {@code 37s}; throws a {@link RuntimeException} whose message says how to write one
     * @throws ScenarioException if it can't be read or is wrong; the message has the line and the reason
     */
    public static List<Variant> read(Path file, Function<String, Duration> times) {
        try {
            return new VariantsFile("--variants " + file, times)
                    .parse(Files.readAllLines(file, StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            throw new ScenarioException("--variants " + file + ": no such file", e);
        } catch (IOException e) {
            throw new ScenarioException("--variants " + file + ": can't be read: " + e.getMessage(), e);
        }
    }

    private List<Variant> parse(List<String> lines) {
        for (String text : lines) {
            line++;
            String content = text.strip();
            if (content.isEmpty() || content.startsWith("#")) {
                continue;
            }
            if (content.startsWith("[")) {
                section(content);
            } else {
                setting(content);
            }
        }
        finish();
        if (variants.isEmpty()) {
            throw new ScenarioException(file + ": has no variant; begin one with [its name]");
        }
        return List.copyOf(variants);
    }

    private void section(String content) {
        finish();
        if (!content.endsWith("]") || content.length() < 3) {
            throw wrong(line, "a variant begins with [its name], not '" + content + "'");
        }
        String found = content.substring(1, content.length() - 1).strip();
        if (found.isEmpty()) {
            throw wrong(line, "a variant needs a name between the brackets");
        }
        Integer before = lineOfName.putIfAbsent(found, line);
        if (before != null) {
            throw wrong(line, "[" + found + "] is there already, on line " + before);
        }
        name = found;
        nameLine = line;
    }

    private void setting(String content) {
        if (name == null) {
            throw wrong(line, "a setting before the first variant; begin one with [its name]");
        }
        int equals = content.indexOf('=');
        if (equals < 1) {
            throw wrong(line, "not NAME = VALUE");
        }
        String key = content.substring(0, equals).strip();
        String value = content.substring(equals + 1).strip();
        Integer before = lineOfSetting.putIfAbsent(key, line);
        if (before != null) {
            throw wrong(line, key + " is set already, on line " + before);
        }
        if (OWN.contains(key)) {
            own.put(key, value);
        } else if (ProducerConfig.configNames().contains(key)) {
            kafka.put(key, value);
        } else {
            throw wrong(
                    line,
                    "there is no setting '" + key + "'; there are " + String.join(", ", OWN)
                            + ", and those of Kafka's producer");
        }
    }

    private void finish() {
        if (name == null) {
            return;
        }
        SocketOptions off = SocketOptions.OFF;
        boolean keepAlive = flag("keepalive");
        for (String timer : List.of("keepalive-idle", "keepalive-interval", "keepalive-count")) {
            if (own.containsKey(timer) && !keepAlive) {
                throw wrong(lineOf(timer), timer + " does nothing without keepalive = on");
            }
        }
        if (own.containsKey("refresher-every") && !flag("refresher")) {
            throw wrong(lineOf("refresher-every"), "refresher-every does nothing without refresher = on");
        }
        Optional<Duration> userTimeout =
                "off".equals(own.get("user-timeout")) ? Optional.empty() : time("user-timeout");
        SocketOptions options;
        try {
            options = new SocketOptions(
                    keepAlive,
                    time("keepalive-idle").orElse(off.keepAliveIdle()),
                    time("keepalive-interval").orElse(off.keepAliveInterval()),
                    count("keepalive-count").orElse(off.keepAliveCount()),
                    userTimeout);
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            String key = message.substring(0, Math.max(0, message.indexOf(' ')));
            throw wrong(lineOf(key), message);
        }
        String about = own.get("about");
        variants.add(new Variant(
                name,
                about == null ? described() : about,
                options,
                flag("refresher")
                        ? Optional.of(time("refresher-every").orElse(ScenarioSettings.REFRESH_EVERY))
                        : Optional.empty(),
                kafka,
                expectation()));
        name = null;
        own = new LinkedHashMap<>();
        kafka = new LinkedHashMap<>();
        lineOfSetting = new LinkedHashMap<>();
    }

    /** Names and values of the command line's settings, only names of Kafka's, which may be secret. */
    private String described() {
        return Stream.concat(
                        own.entrySet().stream()
                                .filter(setting -> !setting.getKey().equals("expect"))
                                .map(setting -> setting.getKey() + " " + setting.getValue()),
                        kafka.keySet().stream())
                .collect(Collectors.joining(", "));
    }

    private boolean flag(String key) {
        String value = own.getOrDefault(key, "off").toLowerCase(Locale.ROOT);
        return switch (value) {
            case "on" -> true;
            case "off" -> false;
            default -> throw wrong(lineOf(key), key + " is on or off, not '" + value + "'");
        };
    }

    private Optional<Duration> time(String key) {
        String value = own.get(key);
        if (value == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(times.apply(value));
        } catch (RuntimeException e) {
            throw wrong(lineOf(key), key + ": " + e.getMessage());
        }
    }

    private Optional<Integer> count(String key) {
        String value = own.get(key);
        try {
            return value == null ? Optional.empty() : Optional.of(Integer.valueOf(value));
        } catch (NumberFormatException e) {
            throw wrong(lineOf(key), key + " is a number, not '" + value + "'");
        }
    }

    private Expectation expectation() {
        String value = own.get("expect");
        if (value == null) {
            return new Expectation.Fixed(Expected.nothing("the file of --variants has no expect for it"));
        }
        try {
            return new Expectation.Fixed(
                    Expected.of(Verdict.valueOf(value.toUpperCase(Locale.ROOT)), "the file of --variants says so"));
        } catch (IllegalArgumentException e) {
            throw wrong(
                    lineOf("expect"),
                    "expect is one of "
                            + Stream.of(Verdict.values()).map(Verdict::name).collect(Collectors.joining(", "))
                            + ", not '"
                            + value + "'");
        }
    }

    private int lineOf(String key) {
        return lineOfSetting.getOrDefault(key, nameLine);
    }

    private ScenarioException wrong(int at, String reason) {
        return new ScenarioException(file + ", line " + at + ": " + reason);
    }
}
