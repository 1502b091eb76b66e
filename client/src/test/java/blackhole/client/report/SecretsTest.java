package blackhole.client.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sasl.jaas.config",
                "ssl.keystore.password",
                "ssl.key.password",
                "ssl.truststore.password",
                "ssl.keystore.key",
                "ssl.keystore.certificate.chain",
                "sasl.oauthbearer.client.credentials.client.secret",
                "basic.auth.user.info",
                "listener.name.x.ssl.keystore.password",
                "my.token",
                "nobody.knows"
            })
    void whatMayBeSecretIsHidden(String name) {
        assertThat(Secrets.masked(Map.of(name, "hunter2"))).containsEntry(name, Secrets.MASK);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "request.timeout.ms",
                "security.protocol",
                "sasl.mechanism",
                "key.serializer",
                "metadata.recovery.strategy",
                "connections.max.idle.ms"
            })
    void whatIsNoneIsShown(String name) {
        assertThat(Secrets.masked(Map.of(name, "x"))).containsEntry(name, "x");
    }
}
