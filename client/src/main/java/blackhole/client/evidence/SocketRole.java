package blackhole.client.evidence;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.network.KafkaChannel;
import org.jspecify.annotations.Nullable;

/**
 * What a Kafka client uses a connection for. The client names a connection by the broker's node id, or by a negative number
 * if it is a bootstrap server whose node id is not known yet.
 *
 * @param kind unknown if the client had not named the connection
 * @param nodeId Kafka's id of the node; negative for a bootstrap server; 0 if not known
 * @param leads the partitions of the topic that the node leads, according to the producer's metadata; sorted
 */
public record SocketRole(Kind kind, int nodeId, List<Integer> leads) {

    /** What is known about the remote end. */
    public enum Kind {
        BOOTSTRAP,
        NODE,
        UNKNOWN
    }

    /** @param attachment of the connection's selection key: kafka-clients' own channel object */
    static @Nullable Integer nodeId(@Nullable Object attachment) {
        if (!(attachment instanceof KafkaChannel channel)) {
            return null;
        }
        try {
            return Integer.valueOf(channel.id());
        } catch (NumberFormatException notANode) {
            return null;
        }
    }

    /** Returns whether this is known to be a connection to the broker with this id. */
    public boolean isNode(int id) {
        return kind == Kind.NODE && nodeId == id;
    }

    static SocketRole of(@Nullable Integer nodeId, Map<Integer, Node> leaders) {
        if (nodeId == null) {
            return new SocketRole(Kind.UNKNOWN, 0, List.of());
        }
        List<Integer> leads = leaders.entrySet().stream()
                .filter(leader -> leader.getValue().id() == nodeId)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        return new SocketRole(nodeId < 0 ? Kind.BOOTSTRAP : Kind.NODE, nodeId, leads);
    }

    /** Returns text such as {@code bootstrap/metadata} or {@code node 1, leads 0 3}. */
    @Override
    @JsonProperty("text")
    public String toString() {
        return switch (kind) {
            case BOOTSTRAP -> "bootstrap/metadata";
            case NODE ->
                "node " + nodeId + ", leads "
                        + (leads.isEmpty()
                                ? "nothing"
                                : leads.stream().map(String::valueOf).collect(Collectors.joining(" ")));
            case UNKNOWN -> "unknown";
        };
    }
}
