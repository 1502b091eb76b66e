package blackhole.client.compare;

import blackhole.client.evidence.Phase;
import blackhole.client.evidence.Sample;
import blackhole.client.evidence.SocketHistory;
import blackhole.client.evidence.SocketRole;
import blackhole.client.evidence.TcpInfo;
import blackhole.client.evidence.Times;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.Verdict;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What the probes must meet, by the segments that the kernel counted on each connection up to the end of the idle time.
 *
 * <p>kafka-clients sends a metadata request on one connection: of those to brokers that wait for no answer it takes the first
 * from a random start ({@code NetworkClient.leastLoadedNode}). With one such connection there is no choice, so a refresher
 * that is faster than the middlebox keeps it. With several only looking tells which were left out for too long.
 */
final class RefresherExpectation {

    /** Nearer to its idle timeout than this part of it, it is not known what the middlebox did. */
    private static final int MARGIN_PART = 10;

    /** A connection that is given up sooner than that after the probe began does not stall it for certain. */
    private static final Duration ALMOST_GIVEN_UP = Verdict.IMMEDIATE_BELOW.multipliedBy(2);

    private final ScenarioReport report;
    private final Duration idleTimeout;

    RefresherExpectation(ScenarioReport report, Duration idleTimeout) {
        this.report = report;
        this.idleTimeout = idleTimeout;
    }

    /** Of all rounds: what makes a probe stall counts most, then what is not known. */
    Expected expected() {
        List<Expected> rounds = report.evidence().phases().stream()
                .filter(phase -> phase.kind() == Phase.Kind.IDLE)
                .map(this::round)
                .toList();
        return first(rounds, Optional.of(Verdict.STALLED))
                .or(() -> first(rounds, Optional.empty()))
                .orElseGet(() -> rounds.get(0));
    }

    private Expected round(Phase idle) {
        List<SocketHistory> held = toBrokers(idle.from());
        if (held.size() == 1) {
            return Expected.of(
                    Verdict.IMMEDIATE,
                    "the producer held one connection to a broker, so that every refresh went out on it");
        }
        List<Expected> probed = toBrokers(idle.to()).stream()
                .filter(socket -> !socket.role().leads().isEmpty())
                .sorted(Comparator.comparing((SocketHistory socket) -> longest(idle, socket))
                        .reversed())
                .map(socket -> connection(idle, socket, held.size()))
                .toList();
        return first(probed, Optional.of(Verdict.STALLED))
                .or(() -> first(probed, Optional.empty()))
                .or(() -> probed.stream().findFirst())
                .orElseGet(() -> Expected.of(
                        Verdict.IMMEDIATE, "no connection to a leader was left to expire when the probes began"));
    }

    private List<SocketHistory> toBrokers(Duration openAt) {
        return report.evidence().sockets().stream()
                .filter(socket -> socket.role().kind() == SocketRole.Kind.NODE
                        && socket.openedAt().compareTo(openAt) <= 0
                        && socket.closedAt()
                                .map(closed -> closed.compareTo(openAt) > 0)
                                .orElse(true))
                .toList();
    }

    private Expected connection(Phase idle, SocketHistory socket, int held) {
        if (socket.samples().isEmpty()) {
            return Expected.nothing("the kernel's counts could not be read: "
                    + report.evidence().unknownBecause().orElse("#" + socket.id() + " was not sampled"));
        }
        Duration silence = longest(idle, socket);
        Duration margin = idleTimeout.dividedBy(MARGIN_PART);
        String seen = "of the producer's " + held + " connections to brokers, each refresh takes one by chance, and #"
                + socket.id() + " (" + socket.role() + ") was silent for " + Times.text(silence);
        if (silence.compareTo(idleTimeout.minus(margin)) < 0) {
            return Expected.of(
                    Verdict.IMMEDIATE,
                    seen + " at the longest, no other that is probed for longer, and the middlebox expires after "
                            + Times.text(idleTimeout));
        }
        if (silence.compareTo(idleTimeout.plus(margin)) <= 0) {
            return Expected.nothing(
                    seen + ", too near to the middlebox's " + Times.text(idleTimeout) + " to know if it expired");
        }
        Optional<Duration> waitingSince = waitingSince(idle, socket);
        if (waitingSince.isPresent()
                && waitingSince
                                .get()
                                .plus(report.settings().requestTimeout())
                                .compareTo(idle.to().plus(ALMOST_GIVEN_UP))
                        < 0) {
            return Expected.nothing(
                    seen + ", and the producer was about to give it up already, over a refresh that was not answered");
        }
        return Expected.of(Verdict.STALLED, seen + ", and the middlebox expires after " + Times.text(idleTimeout));
    }

    /** Of the first with that verdict. */
    private static Optional<Expected> first(List<Expected> of, Optional<Verdict> verdict) {
        return of.stream()
                .filter(expected -> expected.verdict().equals(verdict))
                .findFirst();
    }

    /** Of its silences until the idle time was over, whichever step of the scenario each was in. */
    private static Duration longest(Phase idle, SocketHistory socket) {
        Duration longest = Duration.ZERO;
        Duration last = socket.openedAt();
        Duration sampledBefore = socket.openedAt();
        long segmentsBefore = 0;
        for (Sample sample : until(idle, socket)) {
            if (segments(sample) != segmentsBefore) {
                Duration newest = newestSegment(sample, sampledBefore);
                longest = Times.longer(longest, newest.minus(last));
                last = newest;
            }
            sampledBefore = sample.at();
            segmentsBefore = segments(sample);
        }
        return Times.longer(longest, idle.to().minus(last));
    }

    /** By the kernel's own clock if it had data, as a sample may come late; otherwise when it was seen. */
    private static Duration newestSegment(Sample sample, Duration sampledBefore) {
        Duration data = sample.at().minus(sample.info().sinceData());
        return data.compareTo(sampledBefore) >= 0 ? data : sample.at();
    }

    /** Since when what it had sent was not acknowledged; empty if all was. */
    private static Optional<Duration> waitingSince(Phase idle, SocketHistory socket) {
        Optional<Duration> since = Optional.empty();
        for (Sample sample : until(idle, socket)) {
            if (sample.info().unacked() == 0) {
                since = Optional.empty();
            } else if (since.isEmpty()) {
                since = Optional.of(sample.at());
            }
        }
        return since;
    }

    private static List<Sample> until(Phase idle, SocketHistory socket) {
        return socket.samples().stream()
                .filter(sample -> sample.at().compareTo(idle.to()) <= 0)
                .toList();
    }

    private static long segments(Sample sample) {
        TcpInfo info = sample.info();
        return info.segmentsIn() + info.segmentsOut();
    }
}
