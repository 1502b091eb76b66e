package blackhole.lab;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.support.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The client's own jar against a SASL_SSL listener, as the real cluster has one: the same verdicts through the proxy, the
 * settings from {@code --command-config} or from the incident's environment, and key and secret nowhere in output and
 * report, nor in a log at DEBUG.
 */
@Execution(ExecutionMode.CONCURRENT)
@Tag("broker")
@Tag("slow")
class SecuredBrokerIT {

    private static final Path CLIENT = Path.of("../client/target/blackhole-client.jar");

    private static final String KEY = "KEY4711";

    /** With the characters that the JAAS syntax and a shell treat in their own way. */
    private static final String SECRET = "hush\"hush\\ #$'x";

    private static final String UNMISTAKABLE = "hush";
    private static final String TOPIC = "orders";

    @TempDir
    private static Path temporary;

    private static Path truststore;
    private static Path withCredentials;
    private static Lab lab;

    @BeforeAll
    static void start() throws Exception {
        BrokerCertificate certificate = BrokerCertificate.in(temporary);
        SaslSsl security = new SaslSsl(certificate.keystore(), BrokerCertificate.PASSWORD, KEY, SECRET);
        lab = Lab.builder()
                .broker(listeners -> EmbeddedKafka.builder()
                        .proxiedListeners(listeners)
                        .saslSsl(security)
                        .reserve())
                .proxies(4)
                .idleTimeout(Duration.ofSeconds(3))
                .start();
        lab.topics().create(TOPIC, 1);

        String trust = "ssl.truststore.type=PEM\nssl.truststore.location=" + certificate.truststore() + "\n";
        truststore = Files.writeString(temporary.resolve("truststore.properties"), trust);
        withCredentials = Files.writeString(
                temporary.resolve("client.properties"),
                trust + "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config="
                        + "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"" + KEY
                        // Once for JAAS, and once for the properties file.
                        + "\" password=\"" + SECRET.replace("\\", "\\\\\\\\").replace("\"", "\\\\\"") + "\";\n");
    }

    @AfterAll
    static void stop() {
        lab.close();
    }

    @Test
    void verdictsAreTheSameAndTheSecretIsNowhere() throws Exception {
        String trust = "--command-config " + truststore;
        try (Run stalled = new Run(
                        environment(0, SECRET), trust + " --keepalive off --request-timeout 6s --expect STALLED");
                Run immediate = new Run(
                        environment(1, SECRET),
                        trust + " --keepalive on --keepalive-idle 1s --keepalive-interval 1s --idle 9s"
                                + " --expect IMMEDIATE --output json");
                Run recovered = new Run(
                        Map.of(),
                        trust + " --user-timeout 2s --request-timeout 20s --expect RECOVERED --env-file "
                                + envFile(2));
                Run byFile = new Run(
                        Map.of(),
                        "--idle 5s --request-timeout 6s --expect STALLED --output json --topic " + TOPIC
                                + " --command-config " + withCredentials + " --bootstrap-server "
                                + lab.proxies().get(3).bootstrap())) {
            for (Run run : List.of(stalled, immediate, recovered, byFile)) {
                assertThat(run.client.end()).as(run.client.output()).isZero();
                assertThat(run.client.err()).as("a log at DEBUG").contains("DEBUG", "SaslClientAuthenticator");
                assertThat(run.report).content().contains("sasl.jaas.config", "(hidden)");
                assertThat(run.client.output() + Files.readString(run.report)).doesNotContain(UNMISTAKABLE, KEY);
            }
            assertThat(stalled.client.out()).contains("burst 1: 10 messages", "STALLED");
            assertThat(stalled.client.err()).contains("CC_API_KEY: SASL_SSL to " + lab.bootstrap());
            assertThat(byFile.client.err()).doesNotContain("CC_API_KEY");
            assertThat(immediate.client.out())
                    .contains("\"idleMs\" : 9000", "\"burstSize\" : 10", "\"verdict\" : \"IMMEDIATE\"");
            assertThat(recovered.client.out()).contains("RECOVERED after");
            assertThat(lab.proxies().get(2).events(FlowExpired.class)).isNotEmpty();
        }
    }

    @Test
    void refusedSecretIsReportedByTheVariablesName() throws Exception {
        try (Run refused = new Run(environment(0, "hush, but wrong"), "--command-config " + truststore)) {
            assertThat(refused.client.end()).isEqualTo(1);
            assertThat(refused.client.err())
                    .contains("blackhole-client: CC_API_KEY, CC_API_SECRET: the broker rejected the credentials");
            assertThat(refused.client.output()).doesNotContain(UNMISTAKABLE, KEY);
        }
    }

    @Test
    void untrustedCertificateIsNotReportedAsRefusedCredentials() throws Exception {
        try (Run untrusting = new Run(environment(0, SECRET), "")) {
            assertThat(untrusting.client.end()).isEqualTo(1);
            assertThat(untrusting.client.err())
                    .contains("--command-config: the broker's certificate is not trusted; set ssl.truststore.location")
                    .doesNotContain("rejected the credentials");
        }
    }

    private static Map<String, String> environment(int proxy, String secret) {
        return Map.of(
                "CC_BOOTSTRAP_HOST", "127.0.0.1",
                "KAFKA_CLUSTER_PORT", "" + lab.proxies().get(proxy).address().getPort(),
                "CC_API_KEY", KEY,
                "CC_API_SECRET", secret,
                "CC_TOPIC", TOPIC,
                "BURST_SIZE", "10",
                "IDLE_SECS", "5",
                "REPEATS", "1",
                "ENABLE_REFRESHER", "false");
    }

    private static Path envFile(int proxy) throws IOException {
        StringBuilder text = new StringBuilder("# as the incident's\n");
        environment(proxy, SECRET).forEach((name, value) -> text.append("export ")
                .append(name)
                .append("=\"")
                .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
                .append("\"\n"));
        return Files.writeString(temporary.resolve(".env"), text);
    }

    /** A run of the client, which has started. */
    private static final class Run implements AutoCloseable {
        final Path report;
        final ChildProcess client;

        Run(Map<String, String> environment, String arguments) throws IOException {
            report = Files.createTempFile(temporary, "report", ".html");
            client = ChildProcess.in(temporary)
                    .flag("-Dlogback.configurationFile=" + Path.of("src/test/resources/debug-logback.xml"))
                    .environment(environment)
                    .runJar(
                            CLIENT,
                            ("run --report " + report + " " + arguments).trim().split(" "));
        }

        @Override
        public void close() {
            client.close();
        }
    }
}
