package blackhole.client.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretsTest {

    @ParameterizedTest
    @CsvSource(textBlock = """
            sasl.jaas.config,                                  (hidden)
            ssl.keystore.password,                             (hidden)
            ssl.key.password,                                  (hidden)
            ssl.truststore.password,                           (hidden)
            ssl.keystore.key,                                  (hidden)
            ssl.keystore.certificate.chain,                    (hidden)
            sasl.oauthbearer.client.credentials.client.secret, (hidden)
            basic.auth.user.info,                              (hidden)
            listener.name.x.ssl.keystore.password,             (hidden)
            my.token,                                          (hidden)
            unknown.property,                                  (hidden)
            request.timeout.ms,                                x
            security.protocol,                                 x
            sasl.mechanism,                                    x
            key.serializer,                                    x
            metadata.recovery.strategy,                        x
            connections.max.idle.ms,                           x
            """)
    void possibleSecretIsHidden(String name, String shown) {
        assertThat(new Secrets().convert(Map.of(name, "x"))).containsEntry(name, shown);
    }
}
