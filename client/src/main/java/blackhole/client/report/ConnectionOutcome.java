package blackhole.client.report;

import blackhole.client.evidence.Phase;
import blackhole.client.evidence.RunEvent;
import blackhole.client.evidence.Sample;
import blackhole.client.evidence.SocketHistory;
import blackhole.client.scenario.Probe;
import blackhole.client.scenario.ScenarioReport;
import blackhole.keepalive.SocketEnd;
import java.util.List;
import java.util.Optional;

/** What became of the connections that a probe lost, by the kernel's own counts. */
enum ConnectionOutcome {
    /** What was sent was not acknowledged, so the kernel sent it again: the flow expired. */
    SILENCE,

    /** All that was sent was acknowledged, and the producer waited in vain for an answer. */
    NO_ANSWER,

    /** A RST or a FIN ended it. */
    REFUSED,

    /** It ended, and the counts could not be read. */
    UNKNOWN,

    /** None ended. */
    NONE_ENDED;

    /** More keepalive probes without an answer than may be on their way. */
    private static final int UNANSWERED = 2;

    static ConnectionOutcome of(ScenarioReport report, Probe probe) {
        List<SocketHistory> ended = report.evidence().sockets().stream()
                .filter(socket -> endedIn(report, probe, socket))
                .toList();
        List<SocketHistory> waitedFor = ended.isEmpty() ? report.evidence().sockets() : ended;
        if (waitedFor.stream().anyMatch(socket -> fellSilent(report, probe.round(), socket))) {
            return SILENCE;
        }
        if (ended.isEmpty()) {
            return NONE_ENDED;
        }
        if (ended.stream().allMatch(socket -> socket.samples().isEmpty())) {
            return UNKNOWN;
        }
        boolean gaveUp = ended.stream().anyMatch(socket -> socket.closedBy().equals(Optional.of(SocketEnd.CLIENT)));
        return gaveUp ? NO_ANSWER : REFUSED;
    }

    /** Whether what the kernel sent on it in the round's idle time or probes was not acknowledged. */
    static boolean fellSilent(ScenarioReport report, int round, SocketHistory socket) {
        boolean retransmitted = report.evidence().events().stream()
                .filter(event -> event.kind() == RunEvent.Kind.RETRANSMISSION && event.socket() == socket.id())
                .anyMatch(event -> report.evidence().phases().stream()
                        .anyMatch(phase -> phase.round() == round
                                && phase.kind() != Phase.Kind.BURST
                                && phase.contains(event.at())));
        return retransmitted || keepaliveFailed(socket);
    }

    private static boolean keepaliveFailed(SocketHistory socket) {
        List<Sample> samples = socket.samples();
        return !samples.isEmpty() && samples.get(samples.size() - 1).info().unansweredProbes() >= UNANSWERED;
    }

    private static boolean endedIn(ScenarioReport report, Probe probe, SocketHistory socket) {
        return socket.closedAt().isPresent()
                && report.evidence().phases().stream()
                        .anyMatch(phase -> phase.kind() == Phase.Kind.PROBE
                                && phase.round() == probe.round()
                                && phase.partition().orElse(-1) == probe.partition()
                                && phase.contains(socket.closedAt().get()));
    }
}
