package blackhole.client.report;

import blackhole.client.evidence.Ends;
import blackhole.client.evidence.Phase;
import blackhole.client.evidence.RunEvent;
import blackhole.client.evidence.SocketHistory;
import blackhole.client.evidence.Times;
import blackhole.client.scenario.ConnectionEnd;
import blackhole.client.scenario.Probe;
import blackhole.client.scenario.Round;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.Verdict;
import blackhole.client.socket.SocketEnd;
import blackhole.client.socket.SocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a run means, in sentences; only of what was seen.
 *
 * @param summary one sentence
 * @param explanation how it came about, a sentence or two each
 * @param advice what to change, the most useful first; empty if there is nothing
 */
public record Diagnosis(String summary, List<String> explanation, List<String> advice) {

    private static final String KEEPALIVE_ADVICE =
            "Turn TCP keepalive on with timers well below the middlebox's idle timeout, at most a third of it: 37s/9s/3"
                    + " behind one that forgets after 300s. kafka-clients has no setting for the timers: use"
                    + " blackhole-keepalive-agent.jar, or net.ipv4.tcp_keepalive_time, _intvl and _probes.";

    private static final String USER_TIMEOUT_ADVICE =
            "Set TCP_USER_TIMEOUT too, below request.timeout.ms: keepalive keeps an idle flow alive, but is silent while"
                    + " data is unacknowledged, and then only the user timeout tells a dead connection.";

    public Diagnosis {
        explanation = List.copyOf(explanation);
        advice = List.copyOf(advice);
    }

    /** Judges a run by its worst probe. */
    public static Diagnosis of(ScenarioReport report) {
        Probe worst = worst(report);
        return switch (report.verdict()) {
            case IMMEDIATE -> immediate(report);
            case DELAYED -> delayed(report, worst);
            case RECOVERED -> recovered(report, worst);
            case STALLED -> stalled(report, worst);
            case LOST -> lost(report, worst);
        };
    }

    private static Diagnosis immediate(ScenarioReport report) {
        String idle = Times.text(report.settings().idle());
        List<String> explanation = new ArrayList<>();
        List<String> advice = new ArrayList<>();
        long probes = keepaliveProbes(report);
        long closedWhileIdle = closedByProducerWhileIdle(report);
        boolean newConnection = report.rounds().stream()
                .flatMap(round -> round.probes().stream())
                .anyMatch(probe -> !probe.opened().isEmpty());
        int refreshes =
                report.rounds().stream().mapToInt(Round::metadataRefreshes).sum();
        if (probes > 0) {
            explanation.add("The kernel sent " + probes + " keepalive probes in the idle time. To a middlebox each is"
                    + " traffic, so it kept the flows.");
        }
        if (refreshes > 0 && report.settings().refresher()) {
            explanation.add(
                    "The producer asked for metadata " + refreshes + " times in the idle time, which is traffic on"
                            + " the connection that it chose each time, and on no other.");
            if (probes == 0) {
                advice.add("Don't rely on the metadata refresh: each request takes one connection of the producer's own"
                        + " choice. With several brokers the others, and the bootstrap connection always, stay idle and"
                        + " are forgotten. TCP keepalive covers every connection.");
            }
        }
        if (closedWhileIdle > 0) {
            explanation.add("The producer closed " + closedWhileIdle + " idle connection"
                    + (closedWhileIdle == 1 ? "" : "s") + " itself (connections.max.idle.ms) before it needed one again"
                    + (newConnection ? ", and the probe went out on a new one, which no middlebox had forgotten." : ".")
                    + (refreshes > 0 && !report.settings().refresher()
                            ? " Each closing made it ask for metadata, for which it connected anew."
                            : ""));
            advice.add(
                    "Mind that kafka-clients looks for idle connections only when its network loop wakes, at the latest"
                            + " after request.timeout.ms, and closes one at a time: connections.max.idle.ms plus"
                            + " request.timeout.ms for each connection must fit into the shortest silence that matters."
                            + " TCP keepalive has no such gap.");
        }
        if (explanation.isEmpty()) {
            explanation.add(
                    "Nothing was sent in the idle time, and the connection still worked: nothing on the path has"
                            + " forgotten it within " + idle + ".");
            advice.add("To see a stall, make --idle longer than the middlebox's idle timeout.");
        }
        return new Diagnosis(
                "After " + idle + " without traffic every produce was acknowledged at once.", explanation, advice);
    }

    private static Diagnosis delayed(ScenarioReport report, Probe worst) {
        return new Diagnosis(
                "A produce took " + Times.text(worst.elapsed()) + " on a connection that had been there before.",
                List.of(
                        "No connection died, so no flow was forgotten for good: packets were late or lost for a while, or"
                                + " the broker was slow."),
                List.of("Look at the broker and the path; keepalive and TCP_USER_TIMEOUT would change nothing."));
    }

    private static Diagnosis recovered(ScenarioReport report, Probe worst) {
        List<String> explanation = new ArrayList<>(silence(report, worst));
        explanation.addAll(ends(worst));
        List<String> advice = new ArrayList<>();
        SocketOptions options = report.settings().socketOptions();
        if (!options.keepAlive()) {
            advice.add("TCP_USER_TIMEOUT has bounded the wait, not avoided it. " + KEEPALIVE_ADVICE);
        } else {
            advice.add(
                    "Keepalive was on (" + Times.text(options.keepAliveIdle()) + " idle) and the flow was forgotten all"
                            + " the same: lower TCP_KEEPIDLE below the middlebox's idle timeout.");
        }
        metadataAdvice(worst, advice);
        return new Diagnosis(
                "The flow was forgotten in " + Times.text(report.settings().idle())
                        + " of silence; the next produce took " + Times.text(worst.elapsed())
                        + ", until the old connection had been given up below the producer and a new one was made.",
                explanation,
                advice);
    }

    private static Diagnosis stalled(ScenarioReport report, Probe worst) {
        SocketOptions options = report.settings().socketOptions();
        List<String> explanation = new ArrayList<>(silence(report, worst));
        explanation.addAll(ends(worst));
        List<String> advice = new ArrayList<>();
        Duration requestTimeout = report.settings().requestTimeout();
        if (options.userTimeout().isPresent() && options.userTimeout().get().compareTo(requestTimeout) >= 0) {
            advice.add("Raise request.timeout.ms (" + Times.text(requestTimeout) + ") above TCP_USER_TIMEOUT ("
                    + Times.text(options.userTimeout().get())
                    + "): the producer gives up before the kernel can say that the connection is dead.");
        }
        if (options.keepAlive()) {
            advice.add("Keepalive was on (" + Times.text(options.keepAliveIdle()) + " idle) and did not help: lower"
                    + " TCP_KEEPIDLE well below the middlebox's idle timeout.");
        } else {
            advice.add(KEEPALIVE_ADVICE);
        }
        if (report.settings().refresher()) {
            advice.add("The metadata refresh kept one connection, and not this one; don't rely on it.");
        }
        if (options.userTimeout().isEmpty()) {
            advice.add(USER_TIMEOUT_ADVICE);
        }
        metadataAdvice(worst, advice);
        return new Diagnosis(
                "The flow was forgotten in " + Times.text(report.settings().idle())
                        + " of silence; the next produce hung for " + Times.text(worst.elapsed())
                        + ", until the producer itself gave the connection up.",
                explanation,
                advice);
    }

    private static Diagnosis lost(ScenarioReport report, Probe worst) {
        List<String> explanation = new ArrayList<>(silence(report, worst));
        explanation.addAll(ends(worst));
        worst.error().ifPresent(error -> explanation.add("The producer's own reason: " + error + "."));
        List<String> advice = new ArrayList<>();
        advice.add(KEEPALIVE_ADVICE);
        advice.add(USER_TIMEOUT_ADVICE);
        advice.add("Leave room for a retry: delivery.timeout.ms above twice request.timeout.ms, and retries above 0.");
        return new Diagnosis(
                "A message was not delivered: the producer reported a failure after " + Times.text(worst.elapsed())
                        + ".",
                explanation,
                advice);
    }

    private static List<String> silence(ScenarioReport report, Probe worst) {
        List<RunEvent> retransmissions = duringProbe(report, worst).stream()
                .filter(event -> event.kind() == RunEvent.Kind.RETRANSMISSION)
                .toList();
        List<String> sentences = new ArrayList<>();
        if (!retransmissions.isEmpty()) {
            List<String> who = retransmissions.stream()
                    .map(RunEvent::socket)
                    .distinct()
                    .map(id -> "#" + id + " (" + socket(report, id).role() + ") "
                            + retransmissions.stream()
                                    .filter(event -> event.socket() == id)
                                    .count()
                            + " times")
                    .toList();
            sentences.add("Nothing acknowledged what was sent, and nothing refused it: the kernel retransmitted on "
                    + String.join(", on ", who)
                    + ", with growing gaps. That is what a forgotten flow looks like from the client.");
        }
        return sentences;
    }

    private static List<String> ends(Probe probe) {
        List<String> sentences = new ArrayList<>();
        List<ConnectionEnd> ended = probe.ended();
        for (int i = 0; i < ended.size(); i++) {
            ConnectionEnd end = ended.get(i);
            sentences.add((i == 0 ? "" : "Then ") + end.endpoints() + " was ended " + Ends.endedBy(end.by()) + ", "
                    + Times.text(end.after()) + " after the probe began.");
        }
        if (waitedTwice(probe)) {
            sentences.add(
                    "It takes two waits and not one, because a producer that has lost its broker asks for metadata"
                            + " on another of its connections, and that one was forgotten as well.");
        }
        if (!probe.opened().isEmpty() && probe.error().isEmpty()) {
            sentences.add("On a new connection the message was acknowledged at once: broker and network are well.");
        }
        return sentences;
    }

    /** One connection after the other was given up, and not two at once. */
    private static boolean waitedTwice(Probe probe) {
        List<ConnectionEnd> ended = probe.ended();
        return ended.size() > 1
                && ended.get(ended.size() - 1)
                                .after()
                                .minus(ended.get(0).after())
                                .compareTo(Verdict.IMMEDIATE_BELOW)
                        >= 0;
    }

    private static void metadataAdvice(Probe worst, List<String> advice) {
        if (waitedTwice(worst)) {
            advice.add("metadata.recovery.strategy=none spares the second wait, which goes into asking a forgotten"
                    + " connection for metadata.");
        }
    }

    private static List<RunEvent> duringProbe(ScenarioReport report, Probe probe) {
        return report.evidence().phases().stream()
                .filter(phase -> phase.kind() == Phase.Kind.PROBE
                        && phase.round() == probe.round()
                        && phase.partition().orElse(-1) == probe.partition())
                .findFirst()
                .map(phase -> within(report, phase))
                .orElse(List.of());
    }

    private static List<RunEvent> within(ScenarioReport report, Phase phase) {
        return report.evidence().events().stream()
                .filter(event ->
                        event.at().compareTo(phase.from()) >= 0 && event.at().compareTo(phase.to()) <= 0)
                .toList();
    }

    private static long keepaliveProbes(ScenarioReport report) {
        return inIdle(report)
                .filter(event -> event.kind() == RunEvent.Kind.KEEPALIVE_PROBE)
                .count();
    }

    private static Stream<RunEvent> inIdle(ScenarioReport report) {
        return report.evidence().phases().stream()
                .filter(phase -> phase.kind() == Phase.Kind.IDLE)
                .flatMap(phase -> within(report, phase).stream());
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
                                && socket(report, event.socket()).closedBy().orElse(SocketEnd.PEER) == SocketEnd.CLIENT)
                        .count();
    }

    private static SocketHistory socket(ScenarioReport report, int id) {
        return report.evidence().sockets().get(id - 1);
    }

    private static Probe worst(ScenarioReport report) {
        Probe worst = report.rounds().get(0).probes().get(0);
        for (Round round : report.rounds()) {
            for (Probe probe : round.probes()) {
                int worse = probe.verdict().compareTo(worst.verdict());
                if (worse > 0 || worse == 0 && probe.elapsed().compareTo(worst.elapsed()) > 0) {
                    worst = probe;
                }
            }
        }
        return worst;
    }
}
