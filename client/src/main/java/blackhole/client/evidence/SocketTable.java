package blackhole.client.evidence;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of the producer's sockets.
 *
 * @param when at which step of the scenario
 * @param round from 1
 * @param at since the run began
 * @param rows one for each open socket, in the order in which they were opened
 * @param unknownBecause why columns are unknown; null if none is
 */
public record SocketTable(
        SnapshotTime when,
        int round,
        Duration at,
        List<SocketRow> rows,
        @Nullable String unknownBecause) {}
