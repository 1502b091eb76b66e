package blackhole.client.report;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;

/** Hides values that may be secret. */
final class Secrets {

    static final String MASK = "(hidden)";

    private static final Map<String, ConfigDef.ConfigKey> KNOWN =
            ProducerConfig.configDef().configKeys();

    private static final Pattern SUSPECT = Pattern.compile(
            "password|passwd|secret|token|credential|jaas|assertion|private|api.?key|(^|[._-])key$|keystore\\.key|certificate",
            Pattern.CASE_INSENSITIVE);

    private Secrets() {}

    /** Returns the properties with hidden values if kafka-clients defines a password, does not know it, or the name suggests a secret. */
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
