package blackhole.client.scenario;

import blackhole.client.evidence.Phase;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One message to one partition after the idle time.
 *
 * @param round from 1
 * @param partition to which the message was sent
 * @param id the message's key and value
 * @param verdict the outcome
 * @param elapsed from before {@code send()} until it was acknowledged or had failed
 * @param opened connections that the producer started meanwhile, such as {@code 127.0.0.1:40312 -> 127.0.0.1:19092}
 * @param ended connections that ended meanwhile
 * @param error why it is {@link Verdict#LOST}; null otherwise
 */
public record Probe(
        @JsonIgnore int round,
        int partition,
        String id,
        Verdict verdict,
        Duration elapsed,
        @JsonProperty("openedConnections") List<String> opened,
        @JsonProperty("endedConnections") List<ConnectionEnd> ended,
        @Nullable String error) {

    /** Returns whether this is the phase of the probe. */
    public boolean isIn(Phase phase) {
        return phase.kind() == Phase.Kind.PROBE
                && phase.round() == round
                && phase.partition() != null
                && phase.partition() == partition;
    }
}
