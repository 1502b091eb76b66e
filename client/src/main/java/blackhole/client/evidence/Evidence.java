package blackhole.client.evidence;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * All that was seen of the producer's sockets in a run.
 *
 * @param startedAt the moment that all other times count from
 * @param length of the run
 * @param phases the scenario's steps, in order
 * @param tables in order
 * @param sockets in the order in which they were opened
 * @param events in order
 * @param unknownBecause why part of it is missing; empty if it is not
 */
public record Evidence(
        Instant startedAt,
        Duration length,
        List<Phase> phases,
        List<SocketTable> tables,
        List<SocketHistory> sockets,
        List<RunEvent> events,
        Optional<String> unknownBecause) {

    public Evidence {
        phases = List.copyOf(phases);
        tables = List.copyOf(tables);
        sockets = List.copyOf(sockets);
        events = List.copyOf(events);
    }

    /** What happened in a phase, in order. */
    public List<RunEvent> eventsIn(Phase phase) {
        return events.stream().filter(event -> phase.contains(event.at())).toList();
    }

    /** The socket with an id that an event or a table has; ids count from 1. */
    public SocketHistory socket(int id) {
        return sockets.get(id - 1);
    }
}
