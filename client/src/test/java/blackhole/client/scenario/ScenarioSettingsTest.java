package blackhole.client.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import blackhole.keepalive.SocketOptions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScenarioSettingsTest {

    private static final String SERVER = "127.0.0.1:19092";

    @ParameterizedTest
    @ValueSource(
            strings = {"", "localhost", "localhost:", ":9092", "localhost:0", "localhost:65536", "::1:9092", "a:1,b"})
    void malformedBootstrapServerIsRejectedWithAnExample(String server) {
        assertThatExceptionOfType(ScenarioException.class)
                .isThrownBy(() -> ScenarioSettings.builder(server, "t").build())
                .withMessageStartingWith("--bootstrap-server")
                .withMessageContaining("such as 127.0.0.1:19092");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:9092", "[::1]:9092", "a:1,b:2"})
    void bootstrapServersAreAccepted(String server) {
        assertThat(ScenarioSettings.builder(server, "t").build().bootstrapServers())
                .isEqualTo(server);
    }

    @Test
    void numbersOutOfRangeAreRejectedByTheirOption() {
        assertRejected(settings().burstSize(0), "--burst-size");
        assertRejected(settings().repeats(0), "--repeats");
        assertRejected(settings().repeats(Integer.MAX_VALUE), "--repeats");
        assertRejected(settings().createTopic(0), "--create-topic");
        assertRejected(ScenarioSettings.builder(SERVER, " "), "--topic");
    }

    @Test
    void propertyThatKafkaRejectsIsRejectedBeforeTheRun() {
        assertRejected(settings().producerProperty("acks", "2"), "--acks: Invalid value 2");
        assertRejected(settings().requestTimeout(Duration.ofDays(365)), "--request-timeout: Invalid value");
        assertRejected(settings().producerProperty("batch.size", "-1"), "--command-config: Invalid value -1");
        assertRejected(settings().producerProperty("transactional.id", "a"), "transactional.id");
        assertRejected(
                settings().requestTimeout(Duration.ofSeconds(6)).producerProperty("delivery.timeout.ms", "5000"),
                "--delivery-timeout (5000ms)");
    }

    @Test
    void requestTimeoutNotAboveTheUserTimeoutCausesAWarning() {
        ScenarioSettings.Builder builder =
                settings().socketOptions(SocketOptions.OFF.withUserTimeout(Duration.ofSeconds(6)));

        assertThat(producer(builder.requestTimeout(Duration.ofSeconds(6))).warnings())
                .singleElement()
                .asString()
                .contains("--request-timeout", "--user-timeout", "6000ms");
        assertThat(producer(builder.requestTimeout(Duration.ofSeconds(7))).warnings())
                .isEmpty();
    }

    @Test
    void idempotenceStaysOnByDefault() {
        ProducerSettings settings = producer(settings());

        assertThat(settings.warnings()).isEmpty();
        assertThat(settings.configuration()).doesNotContainKey("enable.idempotence");
        assertThat(settings.requestTimeout()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void acksWithoutIdempotenceCauseAWarning() {
        ProducerSettings settings = producer(settings().producerProperty("acks", "1"));

        assertThat(settings.configuration()).containsEntry("enable.idempotence", "false");
        assertThat(settings.warnings()).singleElement().asString().contains("twice");
    }

    @Test
    void refresherShortensTheMetadataAge() {
        assertThat(producer(settings().refresher(true)).configuration()).containsEntry("metadata.max.age.ms", "10000");
    }

    @Test
    void metadataAgeIsRaisedAboveALongIdleTime() {
        ScenarioSettings.Builder sevenMinutes = settings().idle(Duration.ofMinutes(7));

        ProducerSettings raised = producer(sevenMinutes);
        ProducerSettings setByUser = producer(sevenMinutes.producerProperty("metadata.max.age.ms", "300000"));

        assertThat(raised.configuration()).containsEntry("metadata.max.age.ms", "485000");
        assertThat(raised.warnings()).singleElement().asString().contains("from 300000 to 485000");
        assertThat(setByUser.configuration()).containsEntry("metadata.max.age.ms", "300000");
        assertThat(setByUser.warnings()).isEmpty();
    }

    @Test
    void connectionsThatKafkaClosesWhileIdleCauseAWarning() {
        ProducerSettings settings =
                producer(settings().idle(Duration.ofSeconds(5)).producerProperty("connections.max.idle.ms", "5000"));

        assertThat(settings.warnings()).singleElement().asString().contains("connections.max.idle.ms (5000)");
    }

    @Test
    void lookupUsesTheSecurityButNotTheTimeoutsOfTheProducer() {
        ScenarioSettings settings = settings()
                .producerProperty("security.protocol", "SASL_SSL")
                .producerProperty("ssl.truststore.location", "/t")
                .producerProperty("retries", "0")
                .requestTimeout(Duration.ofSeconds(1))
                .build();

        assertThat(ProducerSettings.adminConfiguration(settings, Duration.ofSeconds(15)))
                .containsEntry("security.protocol", "SASL_SSL")
                .containsEntry("ssl.truststore.location", "/t")
                .containsEntry("request.timeout.ms", "15000")
                .doesNotContainKey("retries");
    }

    private static ScenarioSettings.Builder settings() {
        return ScenarioSettings.builder(SERVER, "t").idle(Duration.ofMinutes(1));
    }

    private static ProducerSettings producer(ScenarioSettings.Builder builder) {
        return ProducerSettings.of(builder.build());
    }

    private static void assertRejected(ScenarioSettings.Builder builder, String start) {
        assertThatExceptionOfType(ScenarioException.class)
                .isThrownBy(builder::build)
                .withMessageStartingWith(start)
                .withMessageNotContaining("\n");
    }
}
