package blackhole.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import blackhole.support.ChildProcess;
import blackhole.support.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The incident, with nothing configured but {@code wrap}: three brokers that advertise their own addresses, SASL_SSL. */
@Tag("root")
@Tag("broker")
@Tag("slow")
class WrappedKafkaIT {
    private static final Path PROXY = Path.of("../proxy/target/blackhole-proxy.jar");
    private static final Path CLIENT = Path.of("../client/target/blackhole-client.jar");

    @TempDir
    private static Path directory;

    @Test
    void verdictsAreThoseOfTheDemo() throws Exception {
        assumeTrue(Tools.isRoot(), "only root can redirect connections");
        List<String> missing = Tools.missing("nft", "setpriv");
        assumeTrue(missing.isEmpty(), () -> "not installed: " + String.join(", ", missing));
        BrokerCertificate certificate = BrokerCertificate.in(directory);
        SaslSsl security = new SaslSsl(certificate.keystore(), BrokerCertificate.PASSWORD, "user", "secret");
        Path properties =
                Files.writeString(directory.resolve("client.properties"), """
                ssl.truststore.type=PEM
                ssl.truststore.location=%s
                security.protocol=SASL_SSL
                sasl.mechanism=PLAIN
                sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="user" password="secret";
                """.formatted(certificate.truststore()));

        try (EmbeddedCluster cluster =
                EmbeddedCluster.reserve(3, () -> EmbeddedKafka.builder().saslSsl(security))) {
            cluster.start(cluster.upstreams());
            new Topics(cluster.directBootstrap()).create("orders", 1);
            String ports = cluster.upstreams().stream()
                    .map(broker -> String.valueOf(broker.getPort()))
                    .collect(Collectors.joining(","));
            String client = " --topic orders --command-config " + properties + " --bootstrap-server 127.0.0.1:"
                    + ports.split(",")[0] + " --idle 5s ";

            try (ChildProcess stalled = wrap(ports, client + "--keepalive off --request-timeout 6s --expect STALLED");
                    ChildProcess immediate = wrap(
                            ports,
                            client + "--keepalive on --keepalive-idle 1s --keepalive-interval 1s --expect IMMEDIATE");
                    ChildProcess recovered = wrap(
                            ports,
                            client + "--keepalive off --user-timeout 2s --request-timeout 20s --expect RECOVERED")) {
                for (ChildProcess wrap : List.of(stalled, immediate, recovered)) {
                    assertThat(wrap.end()).as(wrap.output()).isZero();
                }
                assertThat(stalled.err()).contains("hung for ").containsPattern("segment discarded #3 from client");
                assertThat(immediate.err()).contains(", 0 expired");
            }
        }
    }

    private static ChildProcess wrap(String ports, String client) {
        String[] command = ("wrap --ports " + ports
                        + " --idle-timeout 3s --report -- java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -jar "
                        + CLIENT + " run" + client)
                .strip()
                .split("\\s+");
        return ChildProcess.in(directory).runJar(PROXY, Stream.of(command).toArray(String[]::new));
    }
}
