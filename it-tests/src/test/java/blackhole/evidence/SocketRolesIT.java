package blackhole.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.client.evidence.SnapshotTime;
import blackhole.client.evidence.SocketRole;
import blackhole.client.evidence.SocketRow;
import blackhole.client.evidence.SocketTable;
import blackhole.client.scenario.Scenario;
import blackhole.client.scenario.ScenarioListener;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.lab.EmbeddedCluster;
import blackhole.lab.Lab;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartitionInfo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a connection is used for is found out, not guessed: three brokers, six partitions. */
@Tag("broker")
class SocketRolesIT {

    @Test
    void rolesAreWhatTheBrokersMetadataSays() throws Exception {
        try (Lab lab = Lab.builder()
                .proxies(3)
                .broker(EmbeddedCluster::reserve)
                .idleTimeout(Duration.ofMinutes(5))
                .start()) {
            lab.topics().create("orders", 6);
            Map<Integer, List<Integer>> leaders = leaders(lab.directBootstrap());
            assertThat(leaders).hasSize(3);

            ScenarioReport report = Scenario.run(
                    ScenarioSettings.builder(lab.bootstrap(), "orders")
                            .burstSize(60)
                            .idle(Duration.ofSeconds(2))
                            .build(),
                    ScenarioListener.NONE);

            assertThat(report.bypass()).isNull();
            assertThat(report.warnings()).isEmpty();
            for (SnapshotTime moment :
                    List.of(SnapshotTime.AFTER_BURST, SnapshotTime.MID_IDLE, SnapshotTime.RECOVERED)) {
                SocketTable table = report.evidence().tables().stream()
                        .filter(each -> each.when() == moment)
                        .findFirst()
                        .orElseThrow();
                assertThat(rows(table, SocketRole.Kind.BOOTSTRAP))
                        .as(moment.text())
                        .hasSize(1)
                        .allSatisfy(row -> assertThat(row.remote().getPort())
                                .isEqualTo(lab.proxy().address().getPort()));
                Map<Integer, List<Integer>> leads = new TreeMap<>();
                for (SocketRow row : rows(table, SocketRole.Kind.NODE)) {
                    int node = row.role().nodeId();
                    leads.put(node, row.role().leads());
                    // The lab's proxies are before the nodes in the order of their ids.
                    assertThat(row.remote().getPort())
                            .as("node " + node)
                            .isEqualTo(lab.proxies().get(node - 1).address().getPort());
                }
                assertThat(leads).as(moment.text()).isEqualTo(leaders);
            }
        }
    }

    private static List<SocketRow> rows(SocketTable table, SocketRole.Kind kind) {
        return table.rows().stream().filter(row -> row.role().kind() == kind).toList();
    }

    /** Asked of the brokers themselves, past proxies and producer. */
    private static Map<Integer, List<Integer>> leaders(String bootstrap) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            TopicDescription topic = admin.describeTopics(List.of("orders"))
                    .topicNameValues()
                    .get("orders")
                    .get(30, TimeUnit.SECONDS);
            return topic.partitions().stream()
                    .collect(Collectors.groupingBy(
                            partition -> partition.leader().id(),
                            TreeMap::new,
                            Collectors.mapping(TopicPartitionInfo::partition, Collectors.toList())));
        }
    }
}
