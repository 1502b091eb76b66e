package blackhole.client.report;

import blackhole.client.evidence.Phase;
import blackhole.client.evidence.RunEvent;
import blackhole.client.evidence.SocketHistory;
import blackhole.client.scenario.Round;
import blackhole.client.scenario.ScenarioReport;
import blackhole.keepalive.SocketEnd;
import blackhole.keepalive.Times;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** Explains why no probe had to wait, by what happened in the idle time. */
final class ImmediateDiagnosis {

    private static final int SHOWN_ENDS = 3;

    private final ScenarioReport report;
    private final List<String> explanation = new ArrayList<>();
    private final List<String> advice = new ArrayList<>();

    private ImmediateDiagnosis(ScenarioReport report) {
        this.report = report;
    }

    static Diagnosis of(ScenarioReport report) {
        return new ImmediateDiagnosis(report).diagnosis();
    }

    private Diagnosis diagnosis() {
        List<SocketHistory> ended = ended(false);
        int keepalives = report.evidence()
                .events(RunEvent.Kind.KEEPALIVE_PROBE, phase -> phase.kind() == Phase.Kind.IDLE)
                .size();
        if (keepalives > 0) {
            explanation.add("The kernel sent " + keepalives + " keepalive probes in the idle time. "
                    + (ended.isEmpty()
                            ? "They are traffic to a middlebox, so it kept the flows."
                            : "They did not keep every flow alive."));
        }
        if (!ended.isEmpty()) {
            explainEnds(ended);
        }
        int refreshes =
                report.rounds().stream().mapToInt(Round::metadataRefreshes).sum();
        boolean refresher = report.settings().refresher();
        if (refreshes > 0 && refresher) {
            explanation.add("The producer requested metadata " + refreshes
                    + " times in the idle time. Each request is traffic on one connection of its choice only.");
            if (keepalives == 0) {
                advice.add("Don't rely on the metadata refresh: each request uses one connection. With several brokers"
                        + " the others stay idle and expire, and the bootstrap connection always does. TCP keepalive"
                        + " covers every connection.");
            }
        }
        boolean newConnection = report.rounds().stream()
                .flatMap(round -> round.probes().stream())
                .anyMatch(probe -> !probe.opened().isEmpty());
        explainClosedByProducer(newConnection, refreshes > 0 && !refresher);
        String idle = Times.text(report.settings().idle());
        if (explanation.isEmpty() && newConnection) {
            explanation.add(
                    "Nothing was sent in the idle time and no connection ended, but a probe used a new connection:"
                            + " the burst had not reached its leader. The run shows nothing about idle flows.");
            advice.add("Raise --burst-size, so that the burst reaches every partition.");
        } else if (explanation.isEmpty()) {
            explanation.add("Nothing was sent in the idle time, and the connection still worked: nothing on the path"
                    + " expired it within " + idle + ".");
            advice.add("To see a stall, make --idle longer than the middlebox's idle timeout.");
        }
        return new Diagnosis(
                "After " + idle + " of idle time every send was acknowledged immediately.", explanation, advice);
    }

    private void explainEnds(List<SocketHistory> ended) {
        int more = ended.size() - SHOWN_ENDS;
        boolean leader =
                ended.stream().anyMatch(socket -> !socket.role().leads().isEmpty());
        explanation.add(ended.stream().limit(SHOWN_ENDS).map(this::ending).collect(Collectors.joining("; "))
                + (more > 0 ? "; and " + more + " more" : "")
                + (leader ? ". The probe was sent on a new connection." : "."));
        boolean expired = ended.stream()
                .anyMatch(socket -> ConnectionOutcome.hasExpired(
                        report, endedIn(socket).orElseThrow().round(), socket));
        explanation.add(
                expired
                        ? "What was sent in the idle time was not acknowledged: the flow had expired, and the kernel ended"
                                + " the connection before the producer needed it."
                        : "Something on the path refuses an expired flow instead of dropping its packets, or the broker"
                                + " closes idle connections, so no timeout is needed.");
        if (report.settings().socketOptions().keepAlive()) {
            advice.add(
                    Diagnosis.keepaliveTooSlow(report)
                            + (expired
                                    ? ""
                                    : " That does not help if only data counts as traffic, as for a proxy that terminates TCP."));
        } else {
            advice.add("Each time this costs a reconnect and a retry of what was sent on the old connection, so keep"
                    + " retries above 0. To avoid it: " + Diagnosis.KEEPALIVE_ADVICE);
        }
    }

    /** The network loop that closes idle connections may wake up only when the probe is sent. */
    private void explainClosedByProducer(boolean newConnection, boolean causedRefresh) {
        int closed = ended(true).size();
        if (closed == 0) {
            return;
        }
        explanation.add("The producer closed " + closed + " idle connection" + (closed == 1 ? "" : "s")
                + " itself (connections.max.idle.ms)"
                + (newConnection ? ", and the probe was sent on a new one, whose flow had not expired." : ".")
                + (causedRefresh ? " After each it requested metadata on a new connection." : ""));
        advice.add("kafka-clients checks for idle connections only when its network loop wakes up, at the latest after"
                + " request.timeout.ms, and closes one at a time. So connections.max.idle.ms, plus request.timeout.ms for"
                + " each connection, must be below the idle timeout. TCP keepalive has no such gap.");
    }

    /** Returns the sockets that ended while idle or during a probe, either by the producer or by others. */
    private List<SocketHistory> ended(boolean byProducer) {
        return report.evidence().sockets().stream()
                .filter(socket -> socket.closedBy() != null && (socket.closedBy() == SocketEnd.CLIENT) == byProducer)
                .filter(socket -> endedIn(socket).isPresent())
                .toList();
    }

    private Optional<Phase> endedIn(SocketHistory socket) {
        return Optional.ofNullable(socket.closedAt()).flatMap(at -> report.evidence().phases().stream()
                .filter(phase -> phase.kind() != Phase.Kind.BURST && phase.contains(at))
                .findFirst());
    }

    private String ending(SocketHistory socket) {
        Phase phase = endedIn(socket).orElseThrow();
        SocketEnd by = Objects.requireNonNull(socket.closedBy(), "the socket ended");
        Duration at = Objects.requireNonNull(socket.closedAt(), "the socket ended");
        return socket + " was ended "
                + by.text() + ", "
                + Times.text(at.minus(phase.from()))
                + (phase.kind() == Phase.Kind.IDLE ? " into the idle time" : " after the probe began");
    }
}
