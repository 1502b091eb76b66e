package blackhole.client.report;

import blackhole.client.evidence.CloseText;
import blackhole.client.evidence.Phase;
import blackhole.client.evidence.RunEvent;
import blackhole.client.evidence.SocketHistory;
import blackhole.client.scenario.Round;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.Verdict;
import blackhole.keepalive.SocketEnd;
import blackhole.keepalive.Times;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Why nobody had to wait: what was seen in the idle time, which is all that there is to see of such a run. */
final class ImmediateDiagnosis {
    private static final int SHOWN_ENDS = 3;

    private ImmediateDiagnosis() {}

    static Diagnosis of(ScenarioReport report) {
        String idle = Times.text(report.settings().idle());
        List<String> explanation = new ArrayList<>();
        List<String> advice = new ArrayList<>();
        long probes = keepaliveProbes(report);
        long closedWhileIdle = closedByProducerWhileIdle(report);
        List<SocketHistory> ended = endedByOthers(report);
        boolean newConnection = report.rounds().stream()
                .flatMap(round -> round.probes().stream())
                .anyMatch(probe -> !probe.opened().isEmpty());
        int refreshes =
                report.rounds().stream().mapToInt(Round::metadataRefreshes).sum();
        if (probes > 0) {
            explanation.add("The kernel sent " + probes + " keepalive probes in the idle time. "
                    + (ended.isEmpty()
                            ? "To a middlebox each is traffic, so it kept the flows."
                            : "They did not keep every flow."));
        }
        if (!ended.isEmpty()) {
            explanation.add(ended.stream()
                            .limit(SHOWN_ENDS)
                            .map(socket -> ending(report, socket))
                            .collect(Collectors.joining("; "))
                    + (ended.size() > SHOWN_ENDS ? "; and " + (ended.size() - SHOWN_ENDS) + " more" : "")
                    + (ended.stream().anyMatch(socket -> !socket.role().leads().isEmpty())
                            ? ". The probe went out on a new connection."
                            : "."));
            refusal(report, ended, explanation, advice);
        }
        if (refreshes > 0 && report.settings().refresher()) {
            explanation.add(
                    "The producer asked for metadata " + refreshes + " times in the idle time, which is traffic on"
                            + " the connection that it chose each time, and on no other.");
            if (probes == 0) {
                advice.add("Don't rely on the metadata refresh: each request takes one connection of the producer's own"
                        + " choice. With several brokers the others, and the bootstrap connection always, stay idle and"
                        + " expire. TCP keepalive covers every connection.");
            }
        }
        if (closedWhileIdle > 0) {
            explanation.add("The producer closed " + closedWhileIdle + " idle connection"
                    + (closedWhileIdle == 1 ? "" : "s") + " itself (connections.max.idle.ms) before it needed one again"
                    + (newConnection ? ", and the probe went out on a new one, which no middlebox had expired." : ".")
                    + (refreshes > 0 && !report.settings().refresher()
                            ? " Each closing made it ask for metadata, for which it connected anew."
                            : ""));
            advice.add(
                    "Mind that kafka-clients looks for idle connections only when its network loop wakes, at the latest"
                            + " after request.timeout.ms, and closes one at a time: connections.max.idle.ms plus"
                            + " request.timeout.ms for each connection must fit into the shortest silence that matters."
                            + " TCP keepalive has no such gap.");
        }
        if (explanation.isEmpty() && newConnection) {
            explanation.add(
                    "Nothing was sent in the idle time, no connection ended, and yet a probe went out on a new one:"
                            + " the burst had not reached its leader. What the path does with an idle flow was not seen.");
            advice.add("Make --burst-size larger, so that the burst reaches every partition.");
        } else if (explanation.isEmpty()) {
            explanation.add(
                    "Nothing was sent in the idle time, and the connection still worked: nothing on the path has"
                            + " expired it within " + idle + ".");
            advice.add("To see a stall, make --idle longer than the middlebox's idle timeout.");
        }
        return new Diagnosis(
                "After " + idle + " without traffic every produce was acknowledged at once.", explanation, advice);
    }

    /** Why nothing had to wait although connections were ended by another than the producer. */
    private static void refusal(
            ScenarioReport report, List<SocketHistory> ended, List<String> explanation, List<String> advice) {
        boolean silent = ended.stream()
                .anyMatch(socket -> ConnectionOutcome.fellSilent(
                        report, endedIn(report, socket).orElseThrow().round(), socket));
        if (silent) {
            explanation.add(
                    "What was sent in the idle time was no longer acknowledged, so the kernel ended the connection"
                            + " before the producer needed it: the flow had expired in silence.");
        } else {
            explanation.add(
                    "Something on the path refuses an expired flow instead of falling silent, or the broker closes"
                            + " idle connections itself: nobody has to wait for a timeout.");
        }
        if (report.settings().socketOptions().keepAlive()) {
            advice.add(
                    Diagnosis.keepaliveTooSlow(report)
                            + (silent
                                    ? ""
                                    : " Where data alone counts as traffic, as for a proxy that terminates TCP, that does not help."));
        } else {
            advice.add("It costs a reconnect each time, and a retry of what was sent on the old connection, so keep"
                    + " retries above 0. To avoid it: " + Diagnosis.KEEPALIVE_ADVICE);
        }
    }

    private static long keepaliveProbes(ScenarioReport report) {
        return inIdle(report)
                .filter(event -> event.kind() == RunEvent.Kind.KEEPALIVE_PROBE)
                .count();
    }

    private static Stream<RunEvent> inIdle(ScenarioReport report) {
        return report.evidence().phases().stream()
                .filter(phase -> phase.kind() == Phase.Kind.IDLE)
                .flatMap(phase -> report.evidence().eventsIn(phase).stream());
    }

    /** The loop that closes them may wake only when the probe is sent. */
    private static long closedByProducerWhileIdle(ScenarioReport report) {
        long inProbe = report.rounds().stream()
                .flatMap(round -> round.probes().stream())
                .filter(probe -> probe.verdict() == Verdict.IMMEDIATE)
                .flatMap(probe -> probe.ended().stream())
                .filter(end -> end.by() == SocketEnd.CLIENT)
                .count();
        return inProbe
                + inIdle(report)
                        .filter(event -> event.kind() == RunEvent.Kind.CLOSED
                                && report.evidence()
                                                .socket(event.socket())
                                                .closedBy()
                                                .orElse(SocketEnd.PEER)
                                        == SocketEnd.CLIENT)
                        .count();
    }

    /** Ended while idle or while a probe was waiting, and not by the producer. */
    private static List<SocketHistory> endedByOthers(ScenarioReport report) {
        return report.evidence().sockets().stream()
                .filter(socket -> socket.closedBy().orElse(SocketEnd.CLIENT) != SocketEnd.CLIENT)
                .filter(socket -> endedIn(report, socket).isPresent())
                .toList();
    }

    private static Optional<Phase> endedIn(ScenarioReport report, SocketHistory socket) {
        return socket.closedAt().flatMap(at -> report.evidence().phases().stream()
                .filter(phase -> phase.kind() != Phase.Kind.BURST && phase.contains(at))
                .findFirst());
    }

    private static String ending(ScenarioReport report, SocketHistory socket) {
        Phase phase = endedIn(report, socket).orElseThrow();
        return "#" + socket.id() + " (" + socket.role() + ") was ended "
                + CloseText.endedBy(socket.closedBy().orElseThrow()) + ", "
                + Times.text(socket.closedAt().orElseThrow().minus(phase.from()))
                + (phase.kind() == Phase.Kind.IDLE ? " into the idle time" : " after the probe began");
    }
}
