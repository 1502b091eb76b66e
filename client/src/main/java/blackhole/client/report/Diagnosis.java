package blackhole.client.report;

import blackhole.client.evidence.CloseText;
import blackhole.client.evidence.Phase;
import blackhole.client.evidence.RunEvent;
import blackhole.client.scenario.ConnectionEnd;
import blackhole.client.scenario.Probe;
import blackhole.client.scenario.Round;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.Verdict;
import blackhole.keepalive.SocketOptions;
import blackhole.keepalive.Times;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a run means, in sentences; only of what was seen.
 *
 * @param summary one sentence
 * @param explanation how it came about, a sentence or two each
 * @param advice what to change, the most useful first; empty if there is nothing
 */
public record Diagnosis(String summary, List<String> explanation, List<String> advice) {

    static final String KEEPALIVE_ADVICE =
            "Turn TCP keepalive on with timers well below the middlebox's idle timeout, an eighth of it, at most a"
                    + " third: 37s/9s/3 behind one that expires after 300s. kafka-clients has no setting for the timers: use"
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
            case IMMEDIATE -> ImmediateDiagnosis.of(report);
            case DELAYED -> delayed(worst);
            case RECOVERED -> recovered(report, worst);
            case STALLED -> stalled(report, worst);
            case LOST -> lost(report, worst);
        };
    }

    private static Diagnosis delayed(Probe worst) {
        return new Diagnosis(
                "A produce took " + Times.text(worst.elapsed()) + " on a connection that had been there before.",
                List.of("No connection to the leader died, so its flow was not expired for good: packets were late or"
                        + " lost for a while, or the broker was slow."),
                List.of("Look at the broker and the path; keepalive and TCP_USER_TIMEOUT would change nothing."));
    }

    private static Diagnosis recovered(ScenarioReport report, Probe worst) {
        ConnectionOutcome outcome = ConnectionOutcome.of(report, worst);
        String idle = Times.text(report.settings().idle());
        String took = Times.text(worst.elapsed());
        String summary =
                switch (outcome) {
                    case SILENCE ->
                        "The flow expired in " + idle + " of silence; the next produce took " + took
                                + ", until the old connection had been given up below the producer and a new one was"
                                + " made.";
                    case REFUSED, NO_ANSWER, UNKNOWN ->
                        "The connection was ended below the producer after " + idle + " without traffic; the next"
                                + " produce took " + took + ", on a new one.";
                    case NONE_ENDED -> "A produce took " + took + ", because it needed a new connection.";
                };
        List<String> advice = new ArrayList<>();
        if (outcome == ConnectionOutcome.SILENCE
                && report.settings().socketOptions().userTimeout().isPresent()) {
            advice.add("TCP_USER_TIMEOUT has bounded the wait, not avoided it.");
        }
        advice.addAll(advice(report, outcome));
        metadataAdvice(worst, advice);
        return new Diagnosis(summary, explanation(report, worst, outcome), advice);
    }

    private static Diagnosis stalled(ScenarioReport report, Probe worst) {
        ConnectionOutcome outcome = ConnectionOutcome.of(report, worst);
        String idle = Times.text(report.settings().idle());
        String hung = " hung for " + Times.text(worst.elapsed());
        String givenUp = ", until the producer itself gave the connection up.";
        String summary =
                switch (outcome) {
                    case SILENCE -> "The flow expired in " + idle + " of silence; the next produce" + hung + givenUp;
                    case NO_ANSWER ->
                        "The first produce after " + idle + " of silence" + hung + ": it was acknowledged by the peer's"
                                + " kernel, and nobody answered" + givenUp;
                    case REFUSED, UNKNOWN, NONE_ENDED ->
                        "The first produce after " + idle + " of silence" + hung + givenUp;
                };
        List<String> advice = new ArrayList<>();
        SocketOptions options = report.settings().socketOptions();
        Duration requestTimeout = report.settings().requestTimeout();
        if (outcome != ConnectionOutcome.NO_ANSWER
                && options.userTimeout().isPresent()
                && options.userTimeout().get().compareTo(requestTimeout) >= 0) {
            advice.add("Raise request.timeout.ms (" + Times.text(requestTimeout) + ") above TCP_USER_TIMEOUT ("
                    + Times.text(options.userTimeout().get())
                    + "): the producer gives up before the kernel can say that the connection is dead.");
        }
        advice.addAll(advice(report, outcome));
        if (outcome == ConnectionOutcome.SILENCE && report.settings().refresher()) {
            advice.add("The metadata refresh kept one connection, and not this one; don't rely on it.");
        }
        metadataAdvice(worst, advice);
        return new Diagnosis(summary, explanation(report, worst, outcome), advice);
    }

    private static Diagnosis lost(ScenarioReport report, Probe worst) {
        ConnectionOutcome outcome = ConnectionOutcome.of(report, worst);
        List<String> explanation = new ArrayList<>(explanation(report, worst, outcome));
        worst.error().ifPresent(error -> explanation.add("The producer's own reason: " + error + "."));
        List<String> advice = new ArrayList<>(advice(report, outcome));
        advice.add("Leave room for a retry: delivery.timeout.ms above twice request.timeout.ms, and retries above 0.");
        return new Diagnosis(
                "A message was not delivered: the producer reported a failure after " + Times.text(worst.elapsed())
                        + ".",
                explanation,
                advice);
    }

    private static List<String> explanation(ScenarioReport report, Probe worst, ConnectionOutcome outcome) {
        List<String> sentences = new ArrayList<>();
        switch (outcome) {
            case SILENCE -> sentences.addAll(silence(report, worst));
            case NO_ANSWER ->
                sentences.add(
                        "Nothing was retransmitted: the kernel at the connection's other end acknowledged all that"
                                + " was sent, so no flow expired. A broker that hangs looks like that, and a proxy that"
                                + " has stopped reading.");
            case REFUSED ->
                sentences.add(
                        "Nothing was retransmitted: the connection was closed or reset, and not met with silence.");
            case UNKNOWN ->
                sentences.add("Whether the flow expired in silence is not known, because "
                        + report.evidence().unknownBecause().orElse("the connection could not be sampled") + ".");
            case NONE_ENDED -> sentences.add("No connection ended meanwhile.");
        }
        sentences.addAll(ends(worst, outcome));
        return sentences;
    }

    private static List<String> advice(ScenarioReport report, ConnectionOutcome outcome) {
        SocketOptions options = report.settings().socketOptions();
        List<String> advice = new ArrayList<>();
        switch (outcome) {
            case SILENCE, UNKNOWN -> {
                advice.add(options.keepAlive() ? keepaliveTooSlow(report) : KEEPALIVE_ADVICE);
                if (options.userTimeout().isEmpty()) {
                    advice.add(USER_TIMEOUT_ADVICE);
                }
            }
            case REFUSED ->
                advice.add("Look for what closes or resets idle connections: a middlebox, or the broker's own"
                        + " connections.max.idle.ms. "
                        + (options.keepAlive() ? keepaliveTooSlow(report) : KEEPALIVE_ADVICE));
            case NO_ANSWER, NONE_ENDED ->
                advice.add("Look at the broker, and at any proxy that answers in its place; keepalive and"
                        + " TCP_USER_TIMEOUT would change nothing. request.timeout.ms bounds this wait.");
        }
        return advice;
    }

    static String keepaliveTooSlow(ScenarioReport report) {
        return "Keepalive was on ("
                + Times.text(report.settings().socketOptions().keepAliveIdle())
                + " idle) and the flow did not live through the idle time: lower TCP_KEEPIDLE well below the middlebox's"
                + " idle timeout.";
    }

    private static List<String> silence(ScenarioReport report, Probe worst) {
        List<RunEvent> retransmissions = duringProbe(report, worst).stream()
                .filter(event -> event.kind() == RunEvent.Kind.RETRANSMISSION)
                .toList();
        if (retransmissions.isEmpty()) {
            return List.of("Nothing acknowledged what the kernel sent in the idle time.");
        }
        List<String> who = retransmissions.stream()
                .map(RunEvent::socket)
                .distinct()
                .map(id -> "#" + id + " (" + report.evidence().socket(id).role() + ") "
                        + retransmissions.stream()
                                .filter(event -> event.socket() == id)
                                .count()
                        + " times")
                .toList();
        return List.of("Nothing acknowledged what was sent, and nothing refused it: the kernel retransmitted on "
                + String.join(", on ", who)
                + ", with growing gaps. That is what an expired flow looks like from the client.");
    }

    private static List<String> ends(Probe probe, ConnectionOutcome outcome) {
        List<String> sentences = new ArrayList<>();
        List<ConnectionEnd> ended = probe.ended();
        for (int i = 0; i < ended.size(); i++) {
            ConnectionEnd end = ended.get(i);
            sentences.add((i == 0 ? "" : "Then ") + end.endpoints() + " was ended " + CloseText.endedBy(end.by()) + ", "
                    + Times.text(end.after()) + " after the probe began.");
        }
        if (waitedTwice(probe)) {
            sentences.add(
                    "It takes two waits and not one, because a producer that has lost its broker asks for metadata"
                            + " on another of its connections, and that one "
                            + (outcome == ConnectionOutcome.SILENCE ? "expired as well." : "gave no answer either."));
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
            advice.add(
                    "metadata.recovery.strategy=none spares the second wait, which goes into asking a connection that"
                            + " is as dead for metadata.");
        }
    }

    private static List<RunEvent> duringProbe(ScenarioReport report, Probe probe) {
        return report.evidence().phases().stream()
                .filter(phase -> phase.kind() == Phase.Kind.PROBE
                        && phase.round() == probe.round()
                        && phase.partition().orElse(-1) == probe.partition())
                .findFirst()
                .map(report.evidence()::eventsIn)
                .orElse(List.of());
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
