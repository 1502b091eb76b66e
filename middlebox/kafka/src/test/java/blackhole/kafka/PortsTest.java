package blackhole.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blackhole.kafka.KafkaRig.Flow;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.UsageException;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;

/** The ports of brokers. */
class PortsTest {
    private static int learnPort(Flow flow, ServerSocket broker) throws IOException {
        return learn(flow, Map.of(1, KafkaRig.addressOf(broker)))
                .values()
                .iterator()
                .next();
    }

    /** Asks for metadata, answers with these brokers, and returns the ports that the client gets. */
    private static Map<Integer, Integer> learn(Flow flow, Map<Integer, Endpoint> brokers) throws IOException {
        MetadataResponseData metadata = new MetadataResponseData();
        brokers.forEach((id, address) -> metadata.brokers()
                .add(new MetadataResponseBroker()
                        .setNodeId(id)
                        .setHost(address.host())
                        .setPort(address.port())));
        byte[] answer = flow.exchange(
                Peer.request(ApiKeys.METADATA, 9, 1, new byte[5]), Peer.response(ApiKeys.METADATA, 9, 1, metadata));
        Map<Integer, Integer> ports = new TreeMap<>();
        Peer.parse(answer, ApiKeys.METADATA, 9, 1, new MetadataResponseData())
                .brokers()
                .forEach(broker -> ports.put(broker.nodeId(), broker.port()));
        return ports;
    }

    /** Free when it is asked for, and below the ports that the kernel gives to connections. */
    private static PortRange freePorts(int number) throws IOException {
        for (int first = 20_000 + (int) (ProcessHandle.current().pid() % 10_000); ; first += number) {
            try {
                for (int port = first; port < first + number; port++) {
                    new ServerSocket(port).close();
                }
                return new PortRange(first, first + number - 1);
            } catch (java.net.BindException e) {
                // The next ones.
            }
        }
    }

    @Test
    void brokerKeepsItsPortWhenItMovesToAnotherAddress() throws Exception {
        try (KafkaRig rig = new KafkaRig();
                ServerSocket before = KafkaRig.listening();
                ServerSocket after = KafkaRig.listening()) {
            Flow bootstrap = rig.open();

            int port = learnPort(bootstrap, before);
            rig.open(new Endpoint("127.0.0.1", port), before);
            int portAfter = learnPort(bootstrap, after);

            assertThat(portAfter).isEqualTo(port);
            rig.open(new Endpoint("127.0.0.1", port), after);
            assertThat(rig.log).hasSize(2).allMatch(line -> line.contains("clients reach it on port " + port));
        }
    }

    @Test
    void portOfARangeDependsOnTheBrokersId() throws Exception {
        PortRange range = freePorts(4);
        try (KafkaRig rig = new KafkaRig(route -> route.withPorts(range))) {
            Endpoint any = new Endpoint("broker.invalid", 9092);

            Map<Integer, Integer> ports = learn(rig.open(), Map.of(1, any, 1002, any, 1_000_003, any));
            Map<Integer, Integer> more = learn(rig.open(), Map.of(Integer.MAX_VALUE, any));

            assertThat(ports)
                    .containsEntry(1, range.first() + 1)
                    .containsEntry(1002, range.first() + 2)
                    .containsEntry(1_000_003, range.first() + 3);
            // Its own port, the last one, is taken, and the next one is the first.
            assertThat(more).containsEntry(Integer.MAX_VALUE, range.first());
        }
    }

    @Test
    void brokerBeyondTheRangeEndsTheFlowThatNamesIt() throws Exception {
        PortRange range = freePorts(2);
        try (KafkaRig rig = new KafkaRig(route -> route.withPorts(range))) {
            Endpoint any = new Endpoint("broker.invalid", 9092);
            Flow flow = rig.open();
            learn(flow, Map.of(7, any, 9, any));

            assertThatThrownBy(() -> learn(flow, Map.of(11, any))).isInstanceOf(IOException.class);

            assertThat(rig.log).last().asString().contains("no port left for broker 11", range.toString(), "[7, 9]");
        }
    }

    @Test
    void portInUseIsAnErrorAtTheStart() throws Exception {
        try (ServerSocket server = KafkaRig.listening();
                ServerSocket taken = KafkaRig.listening()) {
            PortRange range = new PortRange(taken.getLocalPort(), taken.getLocalPort());

            assertThatThrownBy(() -> KafkaRig.start(server, route -> route.withPorts(range)))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("kafka: ")
                    .hasMessageContaining("127.0.0.1:" + taken.getLocalPort() + ": the port is in use");
        }
    }

    @Test
    void clientsOfAnEarlierRunReachTheBootstrapServerAndThenTheirBroker() throws Exception {
        PortRange range = freePorts(3);
        int portOfBroker1 = range.first() + 1;
        try (ServerSocket broker = KafkaRig.listening();
                KafkaRig rig = new KafkaRig(route -> route.withPorts(range))) {
            Flow flow = rig.open(new Endpoint("127.0.0.1", portOfBroker1), rig.server);
            Flow another = rig.open(new Endpoint("127.0.0.1", portOfBroker1), rig.server);

            Map<Integer, Integer> ports = learn(flow, Map.of(1, KafkaRig.addressOf(broker)));

            assertThat(ports).containsExactly(Map.entry(1, portOfBroker1));
            assertThat(flow.client().hasEnded()).isTrue();
            assertThat(another.client().hasEnded()).isTrue();
            rig.open(new Endpoint("127.0.0.1", portOfBroker1), broker);
        }
    }

    @Test
    void flowThatLeadsToItsBrokerAlreadyGoesOn() throws Exception {
        PortRange range = freePorts(3);
        try (KafkaRig rig = new KafkaRig(route -> route.withPorts(range))) {
            Flow flow = rig.open(new Endpoint("127.0.0.1", range.first() + 1), rig.server);

            learn(flow, Map.of(1, KafkaRig.addressOf(rig.server)));

            assertThat(learn(flow, Map.of(1, KafkaRig.addressOf(rig.server)))).containsKey(1);
        }
    }
}
