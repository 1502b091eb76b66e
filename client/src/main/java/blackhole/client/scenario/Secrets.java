package blackhole.client.scenario;

import com.fasterxml.jackson.databind.util.StdConverter;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;

/** Hides the values of producer properties that may be secret. */
public final class Secrets extends StdConverter<Map<String, String>, SortedMap<String, String>> {

    private static final Map<String, ConfigDef.ConfigKey> KNOWN =
            ProducerConfig.configDef().configKeys();

    private static final Pattern SUSPECT = Pattern.compile(
            "password|passwd|secret|token|credential|jaas|assertion|private|api.?key|(^|[._-])key$|keystore\\.key|certificate",
            Pattern.CASE_INSENSITIVE);

    /** Hides a value if kafka-clients defines a password, does not know the property, or its name suggests a secret. */
    @Override
    public SortedMap<String, String> convert(Map<String, String> properties) {
        SortedMap<String, String> masked = new TreeMap<>();
        properties.forEach((name, value) -> masked.put(name, isSecret(name) ? "(hidden)" : value));
        return masked;
    }

    private static boolean isSecret(String name) {
        ConfigDef.ConfigKey key = KNOWN.get(name);
        return key == null
                || key.type == ConfigDef.Type.PASSWORD
                || SUSPECT.matcher(name).find();
    }
}
