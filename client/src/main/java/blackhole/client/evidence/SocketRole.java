package blackhole.client.evidence;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.network.KafkaChannel;
import org.jspecify.annotations.Nullable;

/**
 * What a Kafka client uses a connection for, by the client's own name for it: a broker's node id, or a negative number for
 * a bootstrap server, of which the client does not know yet which broker it is.
 *
 * @param kind bootstrap, node, or not known because the client had not named the connection
 * @param nodeId Kafka's id of the node; negative for a bootstrap server; 0 if not known
 * @param leads the partitions of the topic that the node leads, by the producer's metadata; sorted
 */
public record SocketRole(Kind kind, int nodeId, List<Integer> leads) {

    /** What is known of the connection's other end. */
    public enum Kind {
        BOOTSTRAP,
        NODE,
        UNKNOWN
    }

    static final SocketRole UNKNOWN = new SocketRole(Kind.UNKNOWN, 0, List.of());

    public SocketRole {
        leads = List.copyOf(leads);
    }

    /** @param attachment of the connection's selection key, which is kafka-clients' own channel */
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

    /** Whether the connection is one to this broker, and not one of which that is not known. */
    public boolean isNode(int id) {
        return kind == Kind.NODE && nodeId == id;
    }

    static SocketRole of(@Nullable Integer nodeId, Map<Integer, Integer> leaders) {
        if (nodeId == null) {
            return UNKNOWN;
        }
        if (nodeId < 0) {
            return new SocketRole(Kind.BOOTSTRAP, nodeId, List.of());
        }
        List<Integer> leads = leaders.entrySet().stream()
                .filter(leader -> leader.getValue().equals(nodeId))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        return new SocketRole(Kind.NODE, nodeId, leads);
    }

    /** As in {@code bootstrap/metadata} or {@code node 1, leads 0 3}. */
    @Override
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
