package blackhole.client.report;

import blackhole.client.evidence.Phase;
import blackhole.client.evidence.RunEvent;
import blackhole.client.evidence.Sample;
import blackhole.client.evidence.SocketHistory;
import blackhole.client.scenario.Probe;
import blackhole.client.scenario.ScenarioReport;
import blackhole.keepalive.SocketEnd;
import java.util.List;

/** What happened to the connections that a probe lost, according to the kernel's counters. */
enum ConnectionOutcome {
    /** The kernel retransmitted, because nothing was acknowledged: the flow expired. */
    EXPIRED,

    /** Everything that was sent was acknowledged, but no response came. */
    NO_RESPONSE,

    /** A RST or a FIN ended it. */
    REFUSED,

    /** It ended, and the counters could not be read. */
    UNKNOWN,

    /** No connection ended. */
    NONE_ENDED;

    /** More unanswered keepalive probes than there can be in flight. */
    private static final int UNANSWERED = 2;

    static ConnectionOutcome of(ScenarioReport report, Probe probe) {
        List<SocketHistory> ended = report.evidence().sockets().stream()
                .filter(socket -> hasEndedIn(report, probe, socket))
                .toList();
        List<SocketHistory> candidates = ended.isEmpty() ? report.evidence().sockets() : ended;
        if (candidates.stream().anyMatch(socket -> hasExpired(report, probe.round(), socket))) {
            return EXPIRED;
        }
        if (ended.isEmpty()) {
            return NONE_ENDED;
        }
        if (ended.stream().allMatch(socket -> socket.samples().isEmpty())) {
            return UNKNOWN;
        }
        boolean gaveUp = ended.stream().anyMatch(socket -> socket.closedBy() == SocketEnd.CLIENT);
        return gaveUp ? NO_RESPONSE : REFUSED;
    }

    /** Returns whether segments sent in the round's idle time or probes were not acknowledged. */
    static boolean hasExpired(ScenarioReport report, int round, SocketHistory socket) {
        boolean retransmitted = report
                .evidence()
                .events(
                        RunEvent.Kind.RETRANSMISSION,
                        phase -> phase.round() == round && phase.kind() != Phase.Kind.BURST)
                .stream()
                .anyMatch(event -> event.socket() == socket.id());
        List<Sample> samples = socket.samples();
        return retransmitted
                || (!samples.isEmpty() && samples.get(samples.size() - 1).info().unansweredProbes() >= UNANSWERED);
    }

    private static boolean hasEndedIn(ScenarioReport report, Probe probe, SocketHistory socket) {
        return report.evidence().phases().stream()
                .anyMatch(phase -> probe.isIn(phase) && socket.closedAt() != null && phase.contains(socket.closedAt()));
    }
}
