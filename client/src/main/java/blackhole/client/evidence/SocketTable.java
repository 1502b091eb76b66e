package blackhole.client.evidence;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The producer's sockets at one moment.
 *
 * @param moment which
 * @param round from 1
 * @param at since the run began
 * @param rows one for each socket that is open, in the order in which they were opened
 * @param unknownBecause why columns are unknown; empty if they aren't
 */
public record SocketTable(
        SnapshotTime moment, int round, Duration at, List<SocketRow> rows, Optional<String> unknownBecause) {

    public SocketTable {
        rows = List.copyOf(rows);
    }
}
