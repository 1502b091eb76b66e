package blackhole.client.scenario;

import blackhole.client.evidence.Evidence;
import blackhole.client.evidence.SocketHistory;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happened.
 *
 * @param settings of the run
 * @param partitions of the topic
 * @param rounds in order
 * @param messages every acknowledged message of bursts and probes, in order; the topic must contain each exactly once
 * @param warnings reasons why the result is less meaningful, one line each
 * @param bypass a warning if the brokers advertise hosts other than the bootstrap server, otherwise null
 * @param evidence what was observed of the sockets
 */
public record ScenarioReport(
        ScenarioSettings settings,
        int partitions,
        List<Round> rounds,
        List<Message> messages,
        List<String> warnings,
        @Nullable String bypass,
        @JsonUnwrapped Evidence evidence) {

    /** Returns every connection of the producer. */
    public List<SocketHistory> sockets() {
        return evidence.sockets();
    }

    /** Returns the same report with one more warning. */
    public ScenarioReport warned(String warning) {
        List<String> all = new ArrayList<>(warnings);
        all.add(warning);
        return new ScenarioReport(settings, partitions, rounds, messages, all, bypass, evidence);
    }

    /** Returns the longest time of any probe. */
    public Duration slowest() {
        return rounds.stream().map(Round::slowest).max(Duration::compareTo).orElse(Duration.ZERO);
    }

    /** Returns the verdict of the worst round. */
    @JsonProperty
    public Verdict verdict() {
        return rounds.stream().map(Round::verdict).reduce(Verdict.IMMEDIATE, Verdict::worse);
    }
}
