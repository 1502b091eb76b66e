package blackhole.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.redpanda.RedpandaContainer;

/** Redpanda's configuration, without a container: the file that Testcontainers generates, and the ports. */
class RedpandaKafkaTest {

    private static final List<InetSocketAddress> UPSTREAMS =
            List.of(new InetSocketAddress("127.0.0.1", 40001), new InetSocketAddress("127.0.0.1", 40002));

    private static final List<InetSocketAddress> PROXIES =
            List.of(new InetSocketAddress("127.0.0.1", 50001), new InetSocketAddress("127.0.0.1", 50002));

    private final RecordingContainer container = new RecordingContainer();

    @BeforeEach
    void configure() {
        RedpandaKafka.configure(container, UPSTREAMS, PROXIES);
    }

    @Test
    void eachListenerAdvertisesItsProxyAndTheDirectOneItself() {
        JsonNode redpanda = container.generatedConfiguration();
        assertThat(listener(redpanda, "kafka_api", "proxied0")).isEqualTo("proxied0:19092");
        assertThat(listener(redpanda, "kafka_api", "proxied1")).isEqualTo("proxied1:19093");
        assertThat(listener(redpanda, "advertised_kafka_api", "proxied0")).isEqualTo("127.0.0.1:50001");
        assertThat(listener(redpanda, "advertised_kafka_api", "proxied1")).isEqualTo("127.0.0.1:50002");
        assertThat("PLAINTEXT://" + listener(redpanda, "advertised_kafka_api", "external"))
                .isEqualTo(container.getBootstrapServers());
    }

    @Test
    void reservedPortsArePublishedOnLoopbackOnly() {
        assertThat(container.getPortBindings())
                .containsExactlyInAnyOrder("127.0.0.1:40001:19092/tcp", "127.0.0.1:40002:19093/tcp");
    }

    @Test
    void brokerSendsNoKeepaliveProbesOfItsOwn() {
        assertThat(container.getCommandParts())
                .startsWith("redpanda", "start")
                .containsSequence("--set", "redpanda.kafka_tcp_keepalive_timeout=7200");
    }

    private static String listener(JsonNode redpanda, String list, String name) {
        JsonNode entry = StreamSupport.stream(redpanda.at("/redpanda/" + list).spliterator(), false)
                .filter(candidate -> candidate.required("name").asText().equals(name))
                .findFirst()
                .orElseThrow();
        return entry.required("address").asText() + ":" + entry.required("port").asText();
    }

    /** A container that is never made: it keeps the files that would be copied into it. */
    private static final class RecordingContainer extends RedpandaContainer {

        private final Map<String, String> files = new HashMap<>();

        RecordingContainer() {
            super(RedpandaKafka.IMAGE);
        }

        JsonNode generatedConfiguration() {
            containerIsStarting(null);
            return ComposeTest.yaml(
                    Objects.requireNonNull(files.get("/etc/redpanda/redpanda.yaml"), "copied at the start"));
        }

        @Override
        public String getHost() {
            return "localhost";
        }

        @Override
        public Integer getMappedPort(int originalPort) {
            return originalPort + 20000;
        }

        @Override
        public void copyFileToContainer(Transferable file, String path) {
            files.put(path, new String(file.getBytes(), StandardCharsets.UTF_8));
        }
    }
}
