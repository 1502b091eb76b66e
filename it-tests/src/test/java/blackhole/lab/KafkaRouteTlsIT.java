package blackhole.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blackhole.kafka.UpstreamTls;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import blackhole.middlebox.flow.FlowEvent.UpstreamUnreachable;
import blackhole.support.RawPeer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A SASL_SSL broker that advertises its own address, and clients without TLS. */
@Tag("broker")
class KafkaRouteTlsIT {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final String PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule";

    @TempDir
    private static Path temporary;

    private static BrokerCertificate certificate;
    private static EmbeddedKafka kafka;

    @BeforeAll
    static void start() {
        certificate = BrokerCertificate.in(temporary);
        kafka = EmbeddedKafka.builder()
                .saslSsl(new SaslSsl(certificate.keystore(), BrokerCertificate.PASSWORD, "alice", "secret"))
                .reserve();
        kafka.start(kafka.upstream());
        new Topics(kafka.directBootstrap()).create("orders", 1);
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    private static RoutedProxy proxy(String bootstrap, Duration idleTimeout, Map<String, String> tls) {
        return new RoutedProxy(bootstrap, idleTimeout, route -> route.withTls(new UpstreamTls(tls)));
    }

    private static Map<String, String> trusting() {
        return Map.of(
                "ssl.truststore.type",
                "PEM",
                "ssl.truststore.location",
                certificate.truststore().toString());
    }

    private static KafkaProducer<String, String> producer(RoutedProxy proxy, String password, int requestTimeout) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                proxy.bootstrap(),
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                PLAIN + " required username=\"alice\" password=\"" + password + "\";",
                "request.timeout.ms",
                requestTimeout,
                "delivery.timeout.ms",
                60_000,
                "linger.ms",
                0);
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    private static void send(KafkaProducer<String, String> producer, String value) throws Exception {
        producer.send(new ProducerRecord<>("orders", value)).get(60, TimeUnit.SECONDS);
    }

    @Test
    void idleFlowStallsBehindTlsAsInPlaintext() throws Exception {
        try (RoutedProxy proxy = proxy(HostPort.of(kafka.upstream()), Duration.ofSeconds(3), trusting());
                KafkaProducer<String, String> producer = producer(proxy, "secret", 5_000)) {
            send(producer, "before");
            Awaitility.await("idle flows expire")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> proxy.events(FlowExpired.class).stream()
                            .anyMatch(expired ->
                                    String.valueOf(expired.description()).startsWith("node 1, producer-")));

            long start = System.nanoTime();
            send(producer, "after");

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(4));
            assertThat(proxy.events(SegmentDiscarded.class)).hasSizeGreaterThan(2);
            assertThat(new Topics(kafka.directBootstrap()).read("orders")).contains("before", "after");
            assertThat(proxy.middlebox.failure()).isEmpty();
        }
    }

    @Test
    void wrongPasswordReachesTheClient() {
        try (RoutedProxy proxy = proxy(HostPort.of(kafka.upstream()), LONG, trusting());
                KafkaProducer<String, String> producer = producer(proxy, "wrong", 5_000)) {
            assertThatThrownBy(() -> send(producer, "never"))
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("Authentication failed: Invalid username or password");
        }
    }

    @Test
    void untrustedBrokerIsUnreachable() throws Exception {
        assertUnreachable(HostPort.of(kafka.upstream()), Map.of(), "PKIX path building failed");
    }

    @Test
    void brokerWithAnotherNameIsUnreachable() throws Exception {
        assertUnreachable("localhost:" + kafka.upstream().getPort(), trusting(), "No name matching localhost found");
    }

    @Test
    void brokerWithoutTlsIsUnreachable() throws Exception {
        assertUnreachable(kafka.directBootstrap(), trusting(), "");
    }

    private static void assertUnreachable(String bootstrap, Map<String, String> tls, String reason) throws Exception {
        try (RoutedProxy proxy = proxy(bootstrap, LONG, tls);
                RawPeer client = RawPeer.connect(proxy.middlebox.address())) {
            assertThat(client.awaitFailure()).hasMessageContaining("reset");

            assertThat(proxy.events(UpstreamUnreachable.class))
                    .singleElement()
                    .satisfies(event -> assertThat(event.reason()).contains(reason));
            assertThat(proxy.middlebox.failure()).isEmpty();
        }
    }
}
