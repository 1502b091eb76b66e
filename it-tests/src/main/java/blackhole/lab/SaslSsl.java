package blackhole.lab;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * The security of a listener as that of a cloud's: TLS with the broker's certificate, and one user of SASL/PLAIN.
 *
 * @param keystore of type PKCS12, with the broker's key and certificate
 * @param keystorePassword of the store and of the key
 * @param username of the one user
 * @param password theirs
 */
public record SaslSsl(Path keystore, String keystorePassword, String username, String password) {

    private static final String PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule";

    /** Without the passwords. */
    @Override
    public String toString() {
        return "SaslSsl[keystore=" + keystore + ", username=" + username + "]";
    }

    /** As {@code server.properties} has them. */
    Map<String, String> listenerSettings(String listener) {
        String prefix = "listener.name." + listener.toLowerCase(Locale.ROOT) + ".";
        return Map.of(
                prefix + "ssl.keystore.type",
                "PKCS12",
                prefix + "ssl.keystore.location",
                keystore.toString(),
                prefix + "ssl.keystore.password",
                keystorePassword,
                prefix + "sasl.enabled.mechanisms",
                "PLAIN",
                prefix + "plain.sasl.jaas.config",
                PLAIN + " required user_" + username + "=\"" + escaped(password) + "\";");
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
