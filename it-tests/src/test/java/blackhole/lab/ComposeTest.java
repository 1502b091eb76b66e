package blackhole.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The compose file sends every client through the proxy, and lets each TCP connection end there and nowhere between. */
class ComposeTest {

    private static final Path ROOT = Path.of(System.getProperty("basedir", ".")).resolve("..");
    private static final List<String> CLIENTS =
            List.of("client-keepalive-off", "client-keepalive-on", "client-user-timeout");

    private final Yaml compose = Yaml.parse(Files.readString(ROOT.resolve("docker-compose.yml")));

    ComposeTest() throws IOException {}

    @Test
    void brokerTellsClientsToConnectToTheProxy() {
        String proxied = listener(option("redpanda", "--advertise-kafka-addr"), "proxied");

        assertThat(proxied).isEqualTo("proxy:9092");
        assertThat(compose.get("services").has(host(proxied))).isTrue();
    }

    @Test
    void proxyListensWhereTheBrokerSaysAndLeadsToTheListenerThatSaysIt() {
        String[] route = option("proxy", "--route").split("=", 2);
        String advertised = listener(option("redpanda", "--advertise-kafka-addr"), "proxied");
        String bound = listener(option("redpanda", "--kafka-addr"), "proxied");

        assertThat(route[0]).isEqualTo("0.0.0.0:" + port(advertised));
        assertThat(route[1]).isEqualTo("redpanda:" + port(bound));
    }

    @Test
    void clientsStartAtTheProxy() {
        String advertised = listener(option("redpanda", "--advertise-kafka-addr"), "proxied");

        assertThat(CLIENTS).allSatisfy(client -> assertThat(option(client, "--bootstrap-server"))
                .isEqualTo(advertised));
    }

    @Test
    void eachClientHasATopicOfItsOwn() {
        assertThat(CLIENTS.stream().map(client -> option(client, "--topic"))).doesNotHaveDuplicates();
    }

    @Test
    void brokerDoesNotProbeIdleConnectionsOfItsOwnAccord() {
        assertThat(compose.get("services").get("redpanda").get("command").texts())
                .containsSequence("--set", "redpanda.kafka_tcp_keepalive_timeout=7200");
    }

    @Test
    void allServicesAreOnOneNetworkAndNoPortIsForwarded() {
        Yaml services = compose.get("services");

        assertThat(services.keys())
                .containsExactlyInAnyOrder("redpanda", "proxy", CLIENTS.get(0), CLIENTS.get(1), CLIENTS.get(2));
        assertThat(compose.get("networks").keys()).containsExactly("lab");
        assertThat(services.keys()).allSatisfy(service -> {
            assertThat(services.get(service).get("networks").texts()).containsExactly("lab");
            assertThat(services.get(service).has("network_mode")).isFalse();
            assertThat(services.get(service).has("ports")).isFalse();
        });
    }

    @Test
    void redpandaIsTheOneOfTheSuiteAndNoImageFloats() throws IOException {
        assertThat(compose.get("services").get("redpanda").get("image").text()).isEqualTo(RedpandaKafka.IMAGE);
        assertThat(RedpandaKafka.IMAGE).matches("[^:]+:v\\d+\\.\\d+\\.\\d+");
        for (String module : List.of("proxy", "client")) {
            assertThat(dockerfile(module))
                    .anyMatch(line -> line.matches("FROM [a-z-]+:\\d+\\.\\d+\\.\\d+_\\d+-jre-\\w+"));
        }
    }

    @Test
    void imagesRunTheExecutableJarWithoutRootAndGetSignals() throws IOException {
        for (String module : List.of("proxy", "client")) {
            String jar = "blackhole-" + module + ".jar";

            assertThat(dockerfile(module))
                    .contains("USER nobody")
                    .contains("COPY target/" + jar + " /opt/blackhole/" + jar)
                    .contains("ENTRYPOINT [\"java\", \"-jar\", \"/opt/blackhole/" + jar + "\"]");
            assertThat(Files.readAllLines(ROOT.resolve(module).resolve(".dockerignore")))
                    .contains("*", "!target/" + jar);
        }
    }

    private String option(String service, String name) {
        List<String> values = compose.get("services").get(service).get("command").texts().stream()
                .filter(argument -> argument.startsWith(name + "="))
                .map(argument -> argument.substring(name.length() + 1))
                .toList();
        assertThat(values).as(name + " of " + service).hasSize(1);
        return values.get(0);
    }

    private static List<String> dockerfile(String module) throws IOException {
        return Files.readAllLines(ROOT.resolve(module).resolve("Dockerfile"));
    }

    /** The address of one listener in Redpanda's {@code NAME://HOST:PORT,…}. */
    private static String listener(String listeners, String name) {
        return Arrays.stream(listeners.split(","))
                .map(listener -> listener.split("://", 2))
                .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1]))
                .get(name);
    }

    private static String host(String address) {
        return address.substring(0, address.lastIndexOf(':'));
    }

    private static String port(String address) {
        return address.substring(address.lastIndexOf(':') + 1);
    }
}
