package blackhole.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.kafka.KafkaRig.Flow;
import blackhole.middlebox.config.Endpoint;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ShareAcknowledgeResponseData;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every response with addresses, in every version: clients get ports of the proxy that lead to these addresses. */
class AddressesTest {
    private static final int BROKER = 1_234_567;

    private static IntStream metadataVersions() {
        return versions(ApiKeys.METADATA);
    }

    private static IntStream findCoordinatorVersions() {
        return versions(ApiKeys.FIND_COORDINATOR);
    }

    private static IntStream describeClusterVersions() {
        return versions(ApiKeys.DESCRIBE_CLUSTER);
    }

    private static IntStream produceVersionsWithAddresses() {
        return versions(ApiKeys.PRODUCE).filter(version -> version >= 10);
    }

    private static IntStream shareVersions() {
        return versions(ApiKeys.SHARE_FETCH);
    }

    private static IntStream versions(ApiKeys api) {
        return IntStream.rangeClosed(api.oldestVersion(), api.latestVersion(true));
    }

    @ParameterizedTest
    @MethodSource("metadataVersions")
    void metadata(int version) throws Exception {
        try (KafkaRig rig = new KafkaRig();
                ServerSocket broker = KafkaRig.listening()) {
            MetadataResponseData original = new MetadataResponseData();
            original.topics().add(new MetadataResponseTopic().setName("orders"));
            original.brokers().add(metadataBroker(BROKER, KafkaRig.addressOf(broker)));
            original.brokers().add(metadataBroker(0, KafkaRig.addressOf(rig.server)));

            byte[] answer = exchange(rig, ApiKeys.METADATA, version, original);

            MetadataResponseData received =
                    Peer.parse(answer, ApiKeys.METADATA, version, 7, new MetadataResponseData());
            assertThat(received.brokers())
                    .extracting(MetadataResponseBroker::nodeId)
                    .containsExactly(BROKER, 0);
            MetadataResponseBroker first = received.brokers().find(BROKER);
            MetadataResponseBroker second = received.brokers().find(0);
            assertLeadsTo(rig, first.host(), first.port(), broker);
            assertLeadsTo(rig, second.host(), second.port(), rig.server);
            // All else is as it was.
            first.setHost("127.0.0.1").setPort(broker.getLocalPort());
            second.setHost("127.0.0.1").setPort(rig.server.getLocalPort());
            assertThat(Peer.bytes(received, (short) version)).isEqualTo(Peer.bytes(original, (short) version));
        }
    }

    private static MetadataResponseBroker metadataBroker(int id, Endpoint address) {
        return new MetadataResponseBroker()
                .setNodeId(id)
                .setHost(address.host())
                .setPort(address.port());
    }

    @ParameterizedTest
    @MethodSource("findCoordinatorVersions")
    void findCoordinator(int version) throws Exception {
        try (KafkaRig rig = new KafkaRig();
                ServerSocket broker = KafkaRig.listening()) {
            FindCoordinatorResponseData original = new FindCoordinatorResponseData();
            if (version < 4) {
                original.setNodeId(BROKER).setHost("127.0.0.1").setPort(broker.getLocalPort());
            } else {
                original.coordinators()
                        .add(new Coordinator()
                                .setKey("group")
                                .setNodeId(BROKER)
                                .setHost("127.0.0.1")
                                .setPort(broker.getLocalPort()));
            }

            byte[] answer = exchange(rig, ApiKeys.FIND_COORDINATOR, version, original);

            FindCoordinatorResponseData received =
                    Peer.parse(answer, ApiKeys.FIND_COORDINATOR, version, 7, new FindCoordinatorResponseData());
            if (version < 4) {
                assertThat(received.nodeId()).isEqualTo(BROKER);
                assertLeadsTo(rig, received.host(), received.port(), broker);
            } else {
                Coordinator coordinator = received.coordinators().get(0);
                assertThat(coordinator.nodeId()).isEqualTo(BROKER);
                assertLeadsTo(rig, coordinator.host(), coordinator.port(), broker);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("findCoordinatorVersions")
    void coordinatorThatIsNotAvailablePassesAsItIs(int version) throws Exception {
        try (KafkaRig rig = new KafkaRig()) {
            FindCoordinatorResponseData none = new FindCoordinatorResponseData();
            if (version < 4) {
                none.setErrorCode((short) 15).setNodeId(-1).setHost("").setPort(-1);
            } else {
                none.coordinators()
                        .add(new Coordinator()
                                .setErrorCode((short) 15)
                                .setNodeId(-1)
                                .setHost("")
                                .setPort(-1));
            }

            byte[] answer = exchange(rig, ApiKeys.FIND_COORDINATOR, version, none);

            assertThat(answer).isEqualTo(Peer.response(ApiKeys.FIND_COORDINATOR, version, 7, none));
        }
    }

    @ParameterizedTest
    @MethodSource("describeClusterVersions")
    void describeCluster(int version) throws Exception {
        try (KafkaRig rig = new KafkaRig();
                ServerSocket broker = KafkaRig.listening()) {
            DescribeClusterResponseData original = new DescribeClusterResponseData().setClusterId("a-cluster");
            original.brokers().add(clusterBroker(broker));

            byte[] answer = exchange(rig, ApiKeys.DESCRIBE_CLUSTER, version, original);

            DescribeClusterResponseData received =
                    Peer.parse(answer, ApiKeys.DESCRIBE_CLUSTER, version, 7, new DescribeClusterResponseData());
            DescribeClusterBroker found = received.brokers().find(BROKER);
            assertThat(received.clusterId()).isEqualTo("a-cluster");
            assertLeadsTo(rig, found.host(), found.port(), broker);
        }
    }

    @Test
    void controllersPassAsTheyAre() throws Exception {
        try (KafkaRig rig = new KafkaRig()) {
            DescribeClusterResponseData controllers = new DescribeClusterResponseData().setEndpointType((byte) 2);
            controllers.brokers().add(clusterBroker(rig.server));

            byte[] answer = exchange(rig, ApiKeys.DESCRIBE_CLUSTER, 2, controllers);

            assertThat(answer).isEqualTo(Peer.response(ApiKeys.DESCRIBE_CLUSTER, 2, 7, controllers));
        }
    }

    private static DescribeClusterBroker clusterBroker(ServerSocket broker) {
        return new DescribeClusterBroker()
                .setBrokerId(BROKER)
                .setHost("127.0.0.1")
                .setPort(broker.getLocalPort());
    }

    @ParameterizedTest
    @MethodSource("produceVersionsWithAddresses")
    void newLeaderInAProduceResponse(int version) throws Exception {
        try (KafkaRig rig = new KafkaRig();
                ServerSocket leader = KafkaRig.listening()) {
            ProduceResponseData original = new ProduceResponseData();
            original.nodeEndpoints()
                    .add(new ProduceResponseData.NodeEndpoint()
                            .setNodeId(BROKER)
                            .setHost("127.0.0.1")
                            .setPort(leader.getLocalPort()));

            byte[] answer = exchange(rig, ApiKeys.PRODUCE, version, original);

            ProduceResponseData.NodeEndpoint found = Peer.parse(
                            answer, ApiKeys.PRODUCE, version, 7, new ProduceResponseData())
                    .nodeEndpoints()
                    .find(BROKER);
            assertLeadsTo(rig, found.host(), found.port(), leader);
        }
    }

    @ParameterizedTest
    @MethodSource("shareVersions")
    void newLeaderInTheShareResponses(int version) throws Exception {
        try (KafkaRig rig = new KafkaRig();
                ServerSocket leader = KafkaRig.listening()) {
            ShareFetchResponseData fetched = new ShareFetchResponseData();
            fetched.nodeEndpoints()
                    .add(new ShareFetchResponseData.NodeEndpoint()
                            .setNodeId(BROKER)
                            .setHost("127.0.0.1")
                            .setPort(leader.getLocalPort()));
            ShareAcknowledgeResponseData acknowledged = new ShareAcknowledgeResponseData();
            acknowledged
                    .nodeEndpoints()
                    .add(new ShareAcknowledgeResponseData.NodeEndpoint()
                            .setNodeId(BROKER)
                            .setHost("127.0.0.1")
                            .setPort(leader.getLocalPort()));

            byte[] fetchAnswer = exchange(rig, ApiKeys.SHARE_FETCH, version, fetched);
            byte[] acknowledgeAnswer = exchange(rig, ApiKeys.SHARE_ACKNOWLEDGE, version, acknowledged);

            ShareFetchResponseData.NodeEndpoint fetchLeader = Peer.parse(
                            fetchAnswer, ApiKeys.SHARE_FETCH, version, 7, new ShareFetchResponseData())
                    .nodeEndpoints()
                    .find(BROKER);
            ShareAcknowledgeResponseData.NodeEndpoint acknowledgeLeader = Peer.parse(
                            acknowledgeAnswer,
                            ApiKeys.SHARE_ACKNOWLEDGE,
                            version,
                            7,
                            new ShareAcknowledgeResponseData())
                    .nodeEndpoints()
                    .find(BROKER);
            assertLeadsTo(rig, fetchLeader.host(), fetchLeader.port(), leader);
            assertThat(acknowledgeLeader.port()).isEqualTo(fetchLeader.port());
        }
    }

    @Test
    void advertisedHostReplacesTheAddressThatTheClientConnectedTo() throws Exception {
        try (KafkaRig rig = new KafkaRig(route -> route.withAdvertisedHost("proxy.example.com"))) {
            MetadataResponseData original = new MetadataResponseData();
            original.brokers().add(metadataBroker(1, KafkaRig.addressOf(rig.server)));

            byte[] answer = exchange(rig, ApiKeys.METADATA, 9, original);

            assertThat(Peer.parse(answer, ApiKeys.METADATA, 9, 7, new MetadataResponseData())
                            .brokers())
                    .extracting(MetadataResponseBroker::host)
                    .containsExactly("proxy.example.com");
        }
    }

    private static byte[] exchange(KafkaRig rig, ApiKeys api, int version, ApiMessage response) throws IOException {
        Flow flow = rig.open();
        return flow.exchange(Peer.request(api, version, 7, new byte[20]), Peer.response(api, version, 7, response));
    }

    private static void assertLeadsTo(KafkaRig rig, String host, int port, ServerSocket broker) throws IOException {
        Stream<Integer> direct = Stream.of(broker.getLocalPort(), rig.server.getLocalPort());
        assertThat(host).isEqualTo("127.0.0.1");
        assertThat(direct).doesNotContain(port);
        Flow flow = rig.open(new Endpoint(host, port), broker);
        flow.client().send(Peer.request(ApiKeys.HEARTBEAT, 0, 1, new byte[3]));
        assertThat(flow.broker().receiveFrame()).isEqualTo(Peer.request(ApiKeys.HEARTBEAT, 0, 1, new byte[3]));
    }
}
