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
 * The variables of a {@code .env} for Confluent Cloud, each looked at when it is asked for: one that an option overrules
 * may be wrong. A variable without text is not there.
 */
final class Environment {

    private static final String HOST = "CC_BOOTSTRAP_HOST";
    private static final String PORT = "KAFKA_CLUSTER_PORT";
    private static final String KEY = "CC_API_KEY";
    private static final String SECRET = "CC_API_SECRET";
    private static final String TOPIC = "CC_TOPIC";

    /** How the scenario begins when the credentials are wrong, wherever they came from. */
    private static final String REFUSED = "--command-config: the broker refused the authentication";

    private static final String HINT = " (" + KEY + " makes it SASL_SSL unless --command-config says otherwise)";

    /** What the scenario says when nobody answers. */
    private static final String NO_ANSWER = ": no answer within ";

    private final Map<String, String> values;

    /** @param values never printed */
    Environment(Map<String, String> values) {
        this.values = values;
    }

    /** @throws ScenarioException if host or port are not such; so for all methods here */
    Optional<String> bootstrapServer() {
        return text(HOST).map(host -> {
            boolean bracketed = host.matches("\\[[0-9A-Fa-f:.]+]");
            if (!bracketed && !host.matches("[^\\s:/,\\[\\]]+")) {
                throw new ScenarioException(HOST + " must be a host name alone, as in pkc-1234.confluent.cloud;"
                        + " the port is " + PORT + "'s");
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

    /** The properties of kafka-clients that the API key and its secret mean; empty if there are none. */
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
     * Names the variable in place of the option that it stands for, where a message begins with that, and says of one that
     * nobody answers what the variables have made of the connection.
     */
    static String inItsWords(String message, boolean serverIsOurs, boolean topicIsOurs, boolean credentialsAreOurs) {
        Map<String, String> names = new LinkedHashMap<>();
        if (serverIsOurs) {
            names.put("--bootstrap-server ", HOST + " ");
        }
        if (topicIsOurs) {
            names.put("--topic ", TOPIC + " ");
        }
        if (credentialsAreOurs) {
            names.put(REFUSED, KEY + ", " + SECRET + REFUSED.substring(REFUSED.indexOf(':')));
        }
        String said = message + (credentialsAreOurs && message.contains(NO_ANSWER) ? HINT : "");
        for (Map.Entry<String, String> name : names.entrySet()) {
            if (said.startsWith(name.getKey())) {
                return name.getValue() + said.substring(name.getKey().length());
            }
        }
        return said;
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

    /** As the JAAS syntax of kafka-clients has it, which can't write a line's end. */
    private static String quoted(String name, String text) {
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new ScenarioException(name + " holds a control character, such as a line's end");
        }
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
