package blackhole.client.evidence;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What was observed of the producer's sockets during a run.
 *
 * @param startedAt the start of the run; all other times count from it
 * @param length of the run
 * @param phases the scenario's steps, in order
 * @param tables in order
 * @param sockets in the order in which they were opened
 * @param events in order
 * @param unknownBecause why some data is missing; null if none is
 */
public record Evidence(
        Instant startedAt,
        Duration length,
        List<Phase> phases,
        List<SocketTable> tables,
        List<SocketHistory> sockets,
        @JsonIgnore List<RunEvent> events,
        @Nullable String unknownBecause) {

    /** Returns the events of a kind in the phases that match, in order. */
    public List<RunEvent> events(RunEvent.Kind kind, Predicate<Phase> in) {
        return phases.stream()
                .filter(in)
                .flatMap(phase -> events.stream().filter(event -> event.kind() == kind && phase.contains(event.at())))
                .toList();
    }

    /** Returns the socket with the given id; ids start at 1. */
    public SocketHistory socket(int id) {
        return sockets.get(id - 1);
    }
}
