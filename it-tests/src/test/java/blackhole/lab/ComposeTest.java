package blackhole.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The compose file sends every client through the proxy, where each TCP connection ends, and nowhere in between. */
class ComposeTest {

    private static final Path ROOT = Path.of(System.getProperty("basedir", ".")).resolve("..");
    private static final List<String> CLIENTS =
            List.of("client-keepalive-off", "client-keepalive-on", "client-user-timeout");

    private final JsonNode compose = yaml(Files.readString(ROOT.resolve("docker-compose.yml")));
    private final JsonNode services = compose.required("services");

    ComposeTest() throws IOException {}

    /** Parses YAML, with anchors and merge keys resolved. */
    static JsonNode yaml(String document) {
        return new ObjectMapper().valueToTree(new Yaml().load(document));
    }

    private static List<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    private static List<String> keys(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }

    @Test
    void brokerAdvertisesTheProxyWhichLeadsToItAndWhereClientsBootstrap() {
        String advertised = proxied("--advertise-kafka-addr");
        String boundPort = proxied("--kafka-addr").replaceFirst(".*:", "");

        assertThat(advertised).isEqualTo("proxy:9092");
        assertThat(option("proxy", "--route")).isEqualTo("0.0.0.0:9092=broker:" + boundPort);
        assertThat(CLIENTS).allSatisfy(client -> assertThat(option(client, "--bootstrap-server"))
                .isEqualTo(advertised));
    }

    @Test
    void eachClientHasItsOwnTopic() {
        assertThat(CLIENTS.stream().map(client -> option(client, "--topic"))).doesNotHaveDuplicates();
    }

    @Test
    void brokerSendsNoKeepaliveProbesOfItsOwn() {
        assertThat(texts(services.at("/broker/command")))
                .containsSequence("--set", "redpanda.kafka_tcp_keepalive_timeout=7200");
    }

    @Test
    void allServicesAreOnOneNetworkAndNoPortIsForwarded() {
        assertThat(keys(services))
                .containsExactlyInAnyOrder("broker", "proxy", CLIENTS.get(0), CLIENTS.get(1), CLIENTS.get(2));
        assertThat(keys(compose.required("networks"))).containsExactly("lab");
        assertThat(services).allSatisfy(service -> {
            assertThat(texts(service.required("networks"))).containsExactly("lab");
            assertThat(service.has("network_mode")).isFalse();
            assertThat(service.has("ports")).isFalse();
        });
    }

    @Test
    void redpandaIsThatOfTheSuiteAndPinned() {
        assertThat(services.at("/broker/image").asText()).isEqualTo(RedpandaKafka.IMAGE);
        assertThat(RedpandaKafka.IMAGE).matches("[^:]+:v\\d+\\.\\d+\\.\\d+");
    }

    @Test
    void kafkaOfTheOtherFileReplacesTheBrokerAndIsThatOfTheSuite() throws IOException {
        JsonNode other = yaml(Files.readString(ROOT.resolve("docker-compose.kafka.yml")));
        JsonNode broker = other.at("/services/broker");

        assertThat(keys(other)).containsExactly("services");
        assertThat(keys(other.required("services"))).containsExactly("broker");
        assertThat(broker.required("image").asText()).matches("\\$\\{KAFKA_IMAGE:-apache/kafka:[\\d.]+}");
        assertThat(Files.readString(ROOT.resolve("pom.xml")))
                .contains("<kafka.version>" + broker.required("image").asText().replaceAll(".*:|}", "")
                        + "</kafka.version>");
        assertThat(broker.at("/environment/KAFKA_ADVERTISED_LISTENERS").asText())
                .isEqualTo("PROXIED://" + proxied("--advertise-kafka-addr"));
    }

    @Test
    void imagesArePinnedAndRunTheExecutableJarsAsAnOrdinaryUserAndReceiveSignals() throws IOException {
        String dockerfile = Files.readString(ROOT.resolve("Dockerfile"));

        assertThat(dockerfile)
                .containsPattern("(?m)^ARG BASE=[a-z-]+:\\d+\\.\\d+\\.\\d+_\\d+-jre-\\w+$")
                .containsOnlyOnce("USER 1337:1337");
        assertThat(List.of("proxy", "client")).allSatisfy(program -> {
            String jar = "blackhole-" + program + ".jar";
            assertThat(dockerfile)
                    .contains("FROM runtime AS " + program + "\n")
                    .contains("ENTRYPOINT [\"java\", \"-jar\", \"/opt/blackhole/" + jar + "\"]");
            assertThat(Files.readAllLines(ROOT.resolve(".dockerignore")))
                    .contains("*", "!" + program + "/target/" + jar);
            assertThat(services.findValues("build")).contains(build(program));
        });
    }

    private static JsonNode build(String target) {
        return new ObjectMapper().createObjectNode().put("context", ".").put("target", target);
    }

    private String option(String service, String name) {
        List<String> values = texts(services.required(service).required("command")).stream()
                .filter(argument -> argument.startsWith(name + "="))
                .map(argument -> argument.substring(name.length() + 1))
                .toList();
        assertThat(values).as(name + " of " + service).hasSize(1);
        return values.get(0);
    }

    /** The proxied listener's address in Redpanda's {@code NAME://HOST:PORT,…}. */
    private String proxied(String option) {
        return Arrays.stream(option("broker", option).split(","))
                .filter(listener -> listener.startsWith("proxied://"))
                .map(listener -> listener.substring("proxied://".length()))
                .collect(Collectors.joining());
    }
}
