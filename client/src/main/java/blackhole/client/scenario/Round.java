package blackhole.client.scenario;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.util.List;

/**
 * Burst, idle, probes.
 *
 * @param number from 1
 * @param burst the messages before the idle time
 * @param idle how long nothing was sent
 * @param metadataRefreshes how often the producer got new metadata during the idle time, according to its own metric; each
 *     refresh is traffic on one of its connections
 * @param probes one for each partition, in the order they were sent; never empty
 */
public record Round(int number, Burst burst, Duration idle, int metadataRefreshes, List<Probe> probes) {

    /** Returns the verdict of the worst probe. */
    @JsonProperty
    public Verdict verdict() {
        return probes.stream().map(Probe::verdict).reduce(Verdict.IMMEDIATE, Verdict::worse);
    }

    /** Returns the time of the slowest probe among those with the round's verdict. */
    @JsonProperty
    public Duration slowest() {
        Verdict worst = verdict();
        return probes.stream()
                .filter(probe -> probe.verdict() == worst)
                .map(Probe::elapsed)
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
    }
}
