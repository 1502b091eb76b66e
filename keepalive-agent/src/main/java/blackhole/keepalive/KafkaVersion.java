package blackhole.keepalive;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The version of the kafka-clients that a class belongs to.
 *
 * @param text as kafka-clients states it, such as {@code 3.9.1}, {@code 7.9.0-ccs} or {@code 3.9.0.redhat-00003};
 *     empty if it has none
 */
record KafkaVersion(String text) {

    /** Written by the build of kafka-clients and read by its own AppInfoParser. */
    private static final String RESOURCE = "/kafka/kafka-version.properties";

    private static final Pattern MAJOR_MINOR = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})(\\D.*)?");

    /** Returns the version of the jar or class loader that a class of kafka-clients came from. */
    static KafkaVersion of(Class<?> kafkaClass) {
        Properties properties = new Properties();
        try (InputStream file = kafkaClass.getResourceAsStream(RESOURCE)) {
            if (file != null) {
                properties.load(file);
            }
        } catch (IOException | IllegalArgumentException unreadable) {
            return new KafkaVersion("");
        }
        return new KafkaVersion(properties.getProperty("version", "").trim());
    }

    /**
     * Returns whether the agent supports this version: Apache Kafka 2.8 to 4.x, and Confluent's builds of these, which
     * have the platform's number (6.2 is Kafka 2.8, 7 is 3, 8 is 4).
     */
    boolean isSupported() {
        Matcher matcher = MAJOR_MINOR.matcher(text);
        if (!matcher.matches()) {
            return false;
        }
        int major = Integer.parseInt(matcher.group(1));
        int minor = Integer.parseInt(matcher.group(2));
        if (text.endsWith("-ccs") || text.endsWith("-ce")) {
            return major == 7 || major == 8 || (major == 6 && minor >= 2);
        }
        return major == 3 || major == 4 || (major == 2 && minor >= 8);
    }
}
