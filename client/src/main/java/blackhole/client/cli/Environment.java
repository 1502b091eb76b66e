package blackhole.client.cli;

import blackhole.client.scenario.ScenarioException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.apache.kafka.common.security.plain.PlainLoginModule;

/**
 * The variables of a {@code .env} file for Confluent Cloud. Each is checked only when it is read: one that an option
 * overrides may be wrong. An empty variable counts as unset.
 */
final class Environment {

    private static final String HOST = "CC_BOOTSTRAP_HOST";
    private static final String PORT = "KAFKA_CLUSTER_PORT";
    private static final String KEY = "CC_API_KEY";
    private static final String SECRET = "CC_API_SECRET";
    private static final String TOPIC = "CC_TOPIC";

    /** How the scenario's message begins if the credentials are wrong. */
    private static final String REFUSED = "--command-config: the broker rejected the credentials";

    private static final String HINT = " (" + KEY + " makes it SASL_SSL unless --command-config says otherwise)";

    /** Part of the scenario's message if no broker responds. */
    private static final String NO_ANSWER = ": no answer within ";

    private final Map<String, String> values;

    /** @param values never printed */
    Environment(Map<String, String> values) {
        this.values = values;
    }

    /** @throws ScenarioException if host or port are invalid, as all methods here */
    Optional<String> bootstrapServer() {
        return text(HOST).map(host -> {
            boolean bracketed = host.matches("\\[[0-9A-Fa-f:.]+]");
            if (!bracketed && !host.matches("[^\\s:/,\\[\\]]+")) {
                throw new ScenarioException(HOST + " must be only a host name, such as pkc-1234.confluent.cloud;"
                        + " set the port with " + PORT);
            }
            return host + ":"
                    + number(PORT, port -> port >= 1 && port <= 65_535, "a port")
                            .orElse(9092);
        });
    }

    Optional<String> topic() {
        return text(TOPIC);
    }

    Optional<Integer> burstSize() {
        return number("BURST_SIZE", size -> size >= 1, "at least 1");
    }

    Optional<Duration> idle() {
        return number("IDLE_SECS", seconds -> true, "whole seconds").map(Duration::ofSeconds);
    }

    Optional<Integer> repeats() {
        return number("REPEATS", rounds -> rounds >= 1, "at least 1");
    }

    Optional<Boolean> refresher() {
        return text("ENABLE_REFRESHER").map(text -> switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "1", "yes", "on" -> true;
            case "false", "0", "no", "off" -> false;
            default -> throw new ScenarioException("ENABLE_REFRESHER must be true or false, not '" + text + "'");
        });
    }

    /** Returns the kafka-clients properties for the API key and its secret; empty without them. */
    Map<String, String> security() {
        Optional<String> key = text(KEY);
        Optional<String> secret = text(SECRET);
        if (key.isPresent() != secret.isPresent()) {
            throw new ScenarioException((key.isPresent() ? KEY : SECRET) + " is set and "
                    + (key.isPresent() ? SECRET : KEY) + " is not; set both, or neither for a broker without security");
        }
        Map<String, String> properties = new LinkedHashMap<>();
        if (key.isPresent() && secret.isPresent()) {
            properties.put("security.protocol", "SASL_SSL");
            properties.put("sasl.mechanism", "PLAIN");
            properties.put(
                    "sasl.jaas.config",
                    PlainLoginModule.class.getName() + " required username=" + quoted(KEY, key.get()) + " password="
                            + quoted(SECRET, secret.get()) + ";");
        }
        return properties;
    }

    /**
     * Replaces the option at the start of a message by the variable that was used instead, and adds a hint on the variables if
     * no broker responded.
     */
    static String inTermsOfVariables(
            String message, boolean serverFromVariable, boolean topicFromVariable, boolean credentialsFromVariables) {
        Map<String, String> names = new LinkedHashMap<>();
        if (serverFromVariable) {
            names.put("--bootstrap-server ", HOST + " ");
        }
        if (topicFromVariable) {
            names.put("--topic ", TOPIC + " ");
        }
        if (credentialsFromVariables) {
            names.put(REFUSED, KEY + ", " + SECRET + REFUSED.substring(REFUSED.indexOf(':')));
        }
        String text = message + (credentialsFromVariables && message.contains(NO_ANSWER) ? HINT : "");
        for (Map.Entry<String, String> name : names.entrySet()) {
            if (text.startsWith(name.getKey())) {
                return name.getValue() + text.substring(name.getKey().length());
            }
        }
        return text;
    }

    private Optional<Integer> number(String name, IntPredicate allowed, String what) {
        return text(name).map(text -> {
            if (text.matches("\\d{1,9}") && allowed.test(Integer.parseInt(text))) {
                return Integer.valueOf(text);
            }
            throw new ScenarioException(name + " must be a number, " + what + ", not '" + text + "'");
        });
    }

    private Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name)).map(String::strip).filter(text -> !text.isEmpty());
    }

    /** Quotes for the JAAS syntax of kafka-clients, which can't express control characters. */
    private static String quoted(String name, String text) {
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new ScenarioException(name + " contains a control character, such as a line break");
        }
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
