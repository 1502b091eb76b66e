package blackhole.client.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretsTest {

    @ParameterizedTest
    @CsvSource(textBlock = """
            sasl.jaas.config
            ssl.keystore.password
            ssl.key.password
            ssl.truststore.password
            ssl.keystore.key
            ssl.keystore.certificate.chain
            sasl.oauthbearer.client.credentials.client.secret
            basic.auth.user.info
            listener.name.x.ssl.keystore.password
            my.token
            unknown.property
            """)
    void possibleSecretIsHidden(String name) {
        assertThat(new Secrets().convert(Map.of(name, "hunter2"))).containsEntry(name, "(hidden)");
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            request.timeout.ms
            security.protocol
            sasl.mechanism
            key.serializer
            metadata.recovery.strategy
            connections.max.idle.ms
            """)
    void otherValuesAreShown(String name) {
        assertThat(new Secrets().convert(Map.of(name, "x"))).containsEntry(name, "x");
    }
}
