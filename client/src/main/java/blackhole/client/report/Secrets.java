package blackhole.client.report;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;

/** Keeps secrets out of reports: a value is shown only when its name is one that can't hold a secret. */
final class Secrets {

    static final String MASK = "(hidden)";

    private static final Map<String, ConfigDef.ConfigKey> KNOWN =
            ProducerConfig.configDef().configKeys();

    private static final Pattern SUSPECT = Pattern.compile(
            "password|passwd|secret|token|credential|jaas|assertion|private|api.?key|(^|[._-])key$|keystore\\.key|certificate",
            Pattern.CASE_INSENSITIVE);

    private Secrets() {}

    /** All of them, by name; what kafka-clients calls a password, does not know, or is named like a secret, is hidden. */
    static SortedMap<String, String> masked(Map<String, String> properties) {
        SortedMap<String, String> masked = new TreeMap<>();
        properties.forEach((name, value) -> masked.put(name, secret(name) ? MASK : value));
        return masked;
    }

    static boolean secret(String name) {
        ConfigDef.ConfigKey key = KNOWN.get(name);
        return key == null
                || key.type == ConfigDef.Type.PASSWORD
                || SUSPECT.matcher(name).find();
    }
}
