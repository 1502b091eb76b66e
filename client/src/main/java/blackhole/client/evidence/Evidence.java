package blackhole.client.evidence;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What was observed of the producer's sockets during a run.
 *
 * @param startedAt the start of the run; all other times count from it
 * @param length of the run
 * @param phases the scenario's steps, in order
 * @param tables in order
 * @param sockets in the order in which they were opened
 * @param events in order
 * @param unknownBecause why some data is missing; empty if none is
 */
public record Evidence(
        Instant startedAt,
        Duration length,
        List<Phase> phases,
        List<SocketTable> tables,
        List<SocketHistory> sockets,
        @JsonIgnore List<RunEvent> events,
        Optional<String> unknownBecause) {

    /** Returns the events of a phase, in order. */
    public List<RunEvent> eventsIn(Phase phase) {
        return events.stream().filter(event -> phase.contains(event.at())).toList();
    }

    /** Returns the phase of a probe; empty if there is none. */
    public Optional<Phase> phaseOf(int round, int partition) {
        return phases.stream()
                .filter(phase -> phase.kind() == Phase.Kind.PROBE
                        && phase.round() == round
                        && phase.partition().orElse(-1) == partition)
                .findFirst();
    }

    /** Returns the socket with the given id; ids start at 1. */
    public SocketHistory socket(int id) {
        return sockets.get(id - 1);
    }
}
