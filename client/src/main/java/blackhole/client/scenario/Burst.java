package blackhole.client.scenario;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;

/**
 * The messages before the idle time. Each is awaited before the next is sent.
 *
 * @param round from 1
 * @param messages number of messages
 * @param partitions the partitions that received messages
 * @param slowest the slowest acknowledgement; the first of a run includes connecting and the metadata request
 * @param latencies from before {@code send()} to the acknowledgement, in the order of sending
 */
public record Burst(
        @JsonIgnore int round,
        int messages,
        SortedSet<Integer> partitions,
        Duration slowest,
        List<Duration> latencies) {}
