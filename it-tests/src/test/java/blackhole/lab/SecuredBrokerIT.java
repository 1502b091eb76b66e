package blackhole.lab;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.support.ChildJvm;
import blackhole.support.Jdk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The client's own jar against a SASL_SSL listener, as the real cluster has one: the same verdicts through the proxy, the
 * settings from {@code --command-config} or from the incident's environment, and key and secret nowhere in output and
 * report, nor in a log at DEBUG.
 */
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

    private final List<Run> runs = new ArrayList<>();

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
        try {
            Run stalled = run(0, environment(0, SECRET), "--command-config", "" + truststore)
                    .with("--keepalive", "off", "--request-timeout", "6s", "--expect", "STALLED")
                    .start();
            Run immediate = run(1, environment(1, SECRET), "--command-config", "" + truststore)
                    .with("--keepalive", "on", "--keepalive-idle", "1s", "--keepalive-interval", "1s")
                    .with("--idle", "9s", "--expect", "IMMEDIATE", "--output", "json")
                    .start();
            Run recovered = run(2, Map.of(), "--env-file", "" + envFile(2), "--command-config", "" + truststore)
                    .with("--user-timeout", "2s", "--request-timeout", "20s", "--expect", "RECOVERED")
                    .start();
            Run byFile = run(3, Map.of(), "--command-config", "" + withCredentials)
                    .with("--bootstrap-server", lab.proxies().get(3).bootstrap(), "--topic", TOPIC)
                    .with("--idle", "5s", "--request-timeout", "6s", "--expect", "STALLED", "--output", "json")
                    .start();

            for (Run run : List.of(stalled, immediate, recovered, byFile)) {
                assertThat(run.exitCode()).as(run.tail()).isZero();
                assertThat(run.err()).as("a log at DEBUG").contains("DEBUG", "SaslClientAuthenticator");
                assertThat(run.report()).contains("sasl.jaas.config", "(hidden)");
                assertThat(run.out() + run.err() + run.report()).doesNotContain(UNMISTAKABLE, KEY);
            }
            assertThat(stalled.out()).contains("burst 1: 10 messages", "STALLED");
            assertThat(stalled.err()).contains("CC_API_KEY: SASL_SSL to " + lab.bootstrap());
            assertThat(byFile.err()).doesNotContain("CC_API_KEY");
            assertThat(immediate.out())
                    .contains("\"idleMs\" : 9000", "\"burstSize\" : 10", "\"verdict\" : \"IMMEDIATE\"");
            assertThat(recovered.out()).contains("RECOVERED after");
            assertThat(lab.proxies().get(2).events(FlowExpired.class)).isNotEmpty();
        } finally {
            runs.forEach(Run::close);
        }
    }

    @Test
    void refusedSecretIsToldByTheVariablesName() throws Exception {
        try {
            Run refused = run(0, environment(0, "hush, but wrong"), "--command-config", "" + truststore)
                    .start();

            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.err())
                    .contains("blackhole-client: CC_API_KEY, CC_API_SECRET: the broker rejected the credentials");
            assertThat(refused.out() + refused.err()).doesNotContain(UNMISTAKABLE, KEY);
        } finally {
            runs.forEach(Run::close);
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

    private Run run(int number, Map<String, String> environment, String... arguments) throws IOException {
        Run run = new Run(number, environment).with(arguments);
        runs.add(run);
        return run;
    }

    private static final class Run implements AutoCloseable {

        private final List<String> arguments = new ArrayList<>(List.of("run"));
        private final Map<String, String> environment;
        private final Path report;
        private ChildJvm client;

        Run(int number, Map<String, String> environment) throws IOException {
            this.environment = environment;
            this.report = Files.createTempFile(temporary, "report" + number, ".html");
            with("--report", report.toString());
        }

        Run with(String... more) {
            arguments.addAll(List.of(more));
            return this;
        }

        Run start() throws IOException {
            client = ChildJvm.of(Jdk.own(), temporary)
                    .flag("-Dlogback.configurationFile=" + Path.of("src/test/resources/debug-logback.xml"))
                    .environment(environment)
                    .runJar(CLIENT, arguments.toArray(String[]::new));
            return this;
        }

        int exitCode() throws Exception {
            return client.end();
        }

        String out() throws IOException {
            return client.out();
        }

        String err() throws IOException {
            return client.err();
        }

        String report() throws IOException {
            return Files.readString(report);
        }

        String tail() throws IOException {
            List<String> lines = Stream.concat(out().lines(), err().lines()).toList();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
        }

        @Override
        public void close() {
            if (client != null) {
                client.close();
            }
        }
    }
}
