package blackhole.client.report;

import blackhole.client.evidence.RunEvent;
import blackhole.client.scenario.ConnectionEnd;
import blackhole.client.scenario.Probe;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.Verdict;
import blackhole.keepalive.SocketOptions;
import blackhole.keepalive.Times;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a run means, in sentences that state only what was observed.
 *
 * @param summary one sentence
 * @param explanation how it happened
 * @param advice what to change, the most useful first; empty if nothing
 */
public record Diagnosis(String summary, List<String> explanation, List<String> advice) {

    static final String KEEPALIVE_ADVICE =
            "Turn on TCP keepalive, with timers well below the middlebox's idle timeout: an eighth of it, at most a third."
                    + " For 300s use 37s/9s/3. kafka-clients has no setting for the timers: use"
                    + " blackhole-keepalive-agent.jar, or net.ipv4.tcp_keepalive_time, _intvl and _probes.";

    private static final String USER_TIMEOUT_ADVICE =
            "Also set TCP_USER_TIMEOUT, below request.timeout.ms. Keepalive keeps an idle flow alive, but it is inactive"
                    + " while data is unacknowledged, and then only the user timeout detects a dead connection.";

    private static final String SLOW_BROKER_ADVICE = "keepalive and TCP_USER_TIMEOUT would not help.";

    /** Returns the diagnosis of a run by its worst probe. */
    public static Diagnosis of(ScenarioReport report) {
        if (report.verdict() == Verdict.IMMEDIATE) {
            return ImmediateDiagnosis.of(report);
        }
        Probe worst = report.rounds().stream()
                .flatMap(round -> round.probes().stream())
                .max(Comparator.comparing(Probe::verdict).thenComparing(Probe::elapsed))
                .orElseThrow();
        if (worst.verdict() == Verdict.DELAYED) {
            return new Diagnosis(
                    "A send took " + Times.text(worst.elapsed()) + " on an existing connection.",
                    List.of("No connection to the leader ended, so its flow had not expired: packets were delayed or"
                            + " lost for a while, or the broker was slow."),
                    List.of("Check the broker and the network; " + SLOW_BROKER_ADVICE));
        }
        ConnectionOutcome outcome = ConnectionOutcome.of(report, worst);
        return new Diagnosis(
                summary(report, worst, outcome), explanation(report, worst, outcome), advice(report, worst, outcome));
    }

    private static String summary(ScenarioReport report, Probe worst, ConnectionOutcome outcome) {
        String idle = Times.text(report.settings().idle());
        String took = Times.text(worst.elapsed());
        String expired = "The flow expired during the " + idle + " idle time; the next send ";
        if (worst.verdict() == Verdict.LOST) {
            return "A message was not delivered: the producer reported a failure after " + took + ".";
        }
        if (worst.verdict() == Verdict.RECOVERED) {
            return switch (outcome) {
                case EXPIRED ->
                    expired + "took " + took
                            + ", until the kernel or the peer ended the old connection and the producer"
                            + " had opened a new one.";
                case REFUSED, NO_RESPONSE, UNKNOWN ->
                    "The kernel or the peer ended the connection after " + idle + " of idle time; the next send took "
                            + took + " on a new one.";
                case NONE_ENDED -> "A send took " + took + ", because it needed a new connection.";
            };
        }
        String gaveUp = ", until the producer gave up the connection.";
        String first = "The first send after " + idle + " of idle time hung for " + took;
        return switch (outcome) {
            case EXPIRED -> expired + "hung for " + took + gaveUp;
            case NO_RESPONSE -> first + ": the peer's kernel acknowledged it, but no response came" + gaveUp;
            case REFUSED, UNKNOWN, NONE_ENDED -> first + gaveUp;
        };
    }

    private static List<String> explanation(ScenarioReport report, Probe worst, ConnectionOutcome outcome) {
        List<String> sentences = new ArrayList<>();
        sentences.add(
                switch (outcome) {
                    case EXPIRED -> retransmissions(report, worst);
                    case NO_RESPONSE ->
                        "Nothing was retransmitted: the kernel at the other end acknowledged everything, so no flow"
                                + " expired. A hanging broker looks like this, and so does a proxy that stopped reading.";
                    case REFUSED -> "Nothing was retransmitted: the connection was closed or reset.";
                    case UNKNOWN ->
                        "It is unknown whether the flow expired, because "
                                + Objects.requireNonNullElse(
                                        report.evidence().unknownBecause(), "the connection could not be sampled")
                                + ".";
                    case NONE_ENDED -> "No connection ended meanwhile.";
                });
        for (ConnectionEnd end : worst.ended()) {
            sentences.add(end.endpoints() + " was ended " + end.by().text() + ", " + Times.text(end.after())
                    + " after the probe began.");
        }
        if (hasWaitedTwice(worst)) {
            sentences.add("The producer waited twice: after losing the broker it requested metadata on another of its"
                    + " connections, which "
                    + (outcome == ConnectionOutcome.EXPIRED ? "had expired as well." : "did not respond either."));
        }
        if (!worst.opened().isEmpty() && worst.error() == null) {
            sentences.add(
                    "On a new connection the message was acknowledged immediately, so the broker and the network are fine.");
        }
        if (worst.error() != null) {
            sentences.add("The producer's error: " + worst.error() + ".");
        }
        return sentences;
    }

    private static String retransmissions(ScenarioReport report, Probe worst) {
        List<RunEvent> retransmissions = report.evidence().events(RunEvent.Kind.RETRANSMISSION, worst::isIn);
        if (retransmissions.isEmpty()) {
            return "What the kernel sent in the idle time was not acknowledged.";
        }
        Map<Integer, Long> counts = retransmissions.stream()
                .collect(Collectors.groupingBy(RunEvent::socket, TreeMap::new, Collectors.counting()));
        return "The data was neither acknowledged nor rejected: the kernel retransmitted on "
                + counts.entrySet().stream()
                        .map(count -> report.evidence().socket(count.getKey()) + " " + count.getValue() + " times")
                        .collect(Collectors.joining(", on "))
                + ", with growing gaps. This is what an expired flow looks like to a client.";
    }

    private static List<String> advice(ScenarioReport report, Probe worst, ConnectionOutcome outcome) {
        boolean stalled = worst.verdict() == Verdict.STALLED;
        boolean expired = outcome == ConnectionOutcome.EXPIRED;
        SocketOptions options = report.settings().socketOptions();
        String keepalive = options.keepAlive() ? keepaliveTooSlow(report) : KEEPALIVE_ADVICE;
        List<String> advice = new ArrayList<>();
        if (expired && worst.verdict() == Verdict.RECOVERED && options.userTimeout() != null) {
            advice.add("TCP_USER_TIMEOUT limited the wait, but did not prevent it.");
        }
        Duration requestTimeout = report.settings().requestTimeout();
        Duration userTimeout = options.userTimeout();
        if (stalled
                && outcome != ConnectionOutcome.NO_RESPONSE
                && userTimeout != null
                && userTimeout.compareTo(requestTimeout) >= 0) {
            advice.add("Raise request.timeout.ms (" + Times.text(requestTimeout) + ") above TCP_USER_TIMEOUT ("
                    + Times.text(userTimeout)
                    + "): the producer gives up before the kernel can detect the dead connection.");
        }
        switch (outcome) {
            case EXPIRED, UNKNOWN -> {
                advice.add(keepalive);
                if (options.userTimeout() == null) {
                    advice.add(USER_TIMEOUT_ADVICE);
                }
            }
            case REFUSED ->
                advice.add("Find out what closes or resets idle connections: a middlebox, or the broker's"
                        + " connections.max.idle.ms. " + keepalive);
            case NO_RESPONSE, NONE_ENDED ->
                advice.add("Check the broker and any proxy in front of it; " + SLOW_BROKER_ADVICE
                        + " request.timeout.ms limits this wait.");
        }
        if (stalled && expired && report.settings().refresher()) {
            advice.add("Don't rely on the metadata refresh: it kept another connection alive, but not this one.");
        }
        if (hasWaitedTwice(worst) && worst.verdict() != Verdict.LOST) {
            advice.add(
                    "metadata.recovery.strategy=none avoids the second wait, for metadata on another dead connection.");
        }
        if (worst.verdict() == Verdict.LOST) {
            advice.add(
                    "Leave room for a retry: delivery.timeout.ms above twice request.timeout.ms, and retries above 0.");
        }
        return advice;
    }

    static String keepaliveTooSlow(ScenarioReport report) {
        return "Keepalive was on ("
                + Times.text(report.settings().socketOptions().keepAliveIdle())
                + " idle), but the flow expired: lower TCP_KEEPIDLE to well below the middlebox's idle timeout.";
    }

    /** Returns whether connections were given up one after the other, not at the same time. */
    private static boolean hasWaitedTwice(Probe probe) {
        List<ConnectionEnd> ended = probe.ended();
        return !ended.isEmpty()
                && ended.get(ended.size() - 1)
                                .after()
                                .minus(ended.get(0).after())
                                .compareTo(Verdict.IMMEDIATE_BELOW)
                        >= 0;
    }
}
