package blackhole.client.scenario;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One message to one partition after the idle time.
 *
 * @param round from 1
 * @param partition explicitly addressed
 * @param id the message's key and value
 * @param verdict what became of it
 * @param elapsed from before {@code send()} until it was acknowledged or had failed
 * @param opened connections that the producer began meanwhile, as in {@code 127.0.0.1:40312 -> 127.0.0.1:19092}
 * @param ended connections that ended meanwhile, and by whom
 * @param error why it is {@link Verdict#LOST}; empty otherwise
 */
public record Probe(
        int round,
        int partition,
        String id,
        Verdict verdict,
        Duration elapsed,
        List<String> opened,
        List<ConnectionEnd> ended,
        Optional<String> error) {

    public Probe {
        opened = List.copyOf(opened);
        ended = List.copyOf(ended);
    }
}
