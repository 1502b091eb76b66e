package blackhole.client.scenario;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The messages before the idle time, sent one after the other, each awaited.
 *
 * @param round from 1
 * @param messages how many
 * @param partitions the partitions that were touched
 * @param slowest the slowest acknowledgement; the first of a run holds connecting and asking for metadata
 * @param latencies from before {@code send()} to the acknowledgement, in the order of sending
 */
public record Burst(
        int round, int messages, SortedSet<Integer> partitions, Duration slowest, List<Duration> latencies) {

    public Burst {
        partitions = Collections.unmodifiableSortedSet(new TreeSet<>(partitions));
        latencies = List.copyOf(latencies);
    }
}
