package blackhole.client.scenario;

import blackhole.client.evidence.Evidence;
import blackhole.keepalive.TunedSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What happened.
 *
 * @param settings what was played
 * @param partitions of the topic
 * @param rounds in order
 * @param sockets every connection that the producer made, with what the kernel held for it
 * @param messages every acknowledged message of bursts and probes, in order; the topic must hold each exactly once
 * @param warnings what makes the result less meaningful, one line each
 * @param bypass set when the brokers led the producer to other hosts than the bootstrap server
 * @param evidence what was seen of the sockets meanwhile
 */
public record ScenarioReport(
        ScenarioSettings settings,
        int partitions,
        List<Round> rounds,
        List<TunedSocket> sockets,
        List<Message> messages,
        List<String> warnings,
        Optional<String> bypass,
        Evidence evidence) {

    public ScenarioReport {
        rounds = List.copyOf(rounds);
        sockets = List.copyOf(sockets);
        messages = List.copyOf(messages);
        warnings = List.copyOf(warnings);
    }

    /** The same with one more warning. */
    public ScenarioReport warned(String warning) {
        List<String> all = new ArrayList<>(warnings);
        all.add(warning);
        return new ScenarioReport(settings, partitions, rounds, sockets, messages, all, bypass, evidence);
    }

    /** The verdict of the worst round. */
    public Verdict verdict() {
        return rounds.stream().map(Round::verdict).reduce(Verdict.IMMEDIATE, Verdict::worse);
    }
}
