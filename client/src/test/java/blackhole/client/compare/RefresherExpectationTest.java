package blackhole.client.compare;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.client.evidence.Evidence;
import blackhole.client.evidence.Phase;
import blackhole.client.evidence.Sample;
import blackhole.client.evidence.SocketHistory;
import blackhole.client.evidence.SocketRole;
import blackhole.client.evidence.TcpInfo;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import blackhole.keepalive.SocketEnd;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Behind a middlebox that expires after 3 s; the burst takes the first second, the idle time the five after it. */
class RefresherExpectationTest {

    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(3);

    private final List<SocketHistory> sockets = new ArrayList<>();
    private Optional<String> unknownBecause = Optional.empty();

    @Test
    void onlyConnectionToABrokerIsKeptByEveryRefresh() {
        sockets.add(socket(1, bootstrap(), sent(0.1)));
        sockets.add(socket(2, leader(), sent(0.9), sent(5.9)));

        assertThat(expected().verdict()).contains(Verdict.IMMEDIATE);
        assertThat(expected().because()).contains("held one connection");
    }

    @Test
    void severalAreKeptIfNoneThatIsProbedWasSilentForTooLong() {
        sockets.add(socket(1, leader(), sent(0.9), sent(2.5), sent(4.5)));
        sockets.add(socket(2, leader(), sent(0.9), sent(3.4), sent(5.5)));
        sockets.add(socket(3, leadsNothing(), sent(0.9)));

        assertThat(expected().verdict()).contains(Verdict.IMMEDIATE);
        assertThat(expected().because()).contains("#2 (node 1, leads 0)", "silent for 2.5s", "3 connections");
    }

    @Test
    void oneThatWasLeftOutForTooLongStallsItsProbe() {
        sockets.add(socket(1, leader(), sent(0.9), sent(2.5), sent(4.5)));
        sockets.add(socket(2, leader(), sent(0.9), sent(5)));

        assertThat(expected().verdict()).contains(Verdict.STALLED);
        assertThat(expected().because()).contains("#2", "silent for 4.1s");
    }

    @Test
    void silenceOfAboutTheIdleTimeoutTellsNothing() {
        sockets.add(socket(1, leader(), sent(0.9), sent(3)));
        sockets.add(socket(2, leader(), sent(0.9), sent(2.5), sent(4.5)));

        assertThat(expected().verdict()).isEmpty();
        assertThat(expected().because()).contains("#1", "too near");
    }

    @Test
    void lateSampleIsNoSilence() {
        sockets.add(socket(1, leader(), sent(0.9), seenLate(2.9, 3.9), sent(5.3)));
        sockets.add(socket(2, leader(), sent(0.9), sent(2.5), sent(4.5)));

        assertThat(expected().verdict()).contains(Verdict.IMMEDIATE);
        assertThat(expected().because()).contains("#1", "silent for 2.4s");
    }

    @Test
    void oneThatIsGivenUpWhileIdleDoesNotStallTheProbe() {
        sockets.add(socket(1, leader(), sent(0.9), sent(2.5), sent(4.5)));
        sockets.add(closed(socket(2, leader(), sent(0.9), unacknowledged(4.2)), 5.5));

        assertThat(expected().verdict()).contains(Verdict.IMMEDIATE);
    }

    @Test
    void oneThatIsAboutToBeGivenUpTellsNothing() {
        sockets.add(socket(1, leader(), sent(0.9), sent(2.5), sent(4.5)));
        sockets.add(socket(2, leader(), sent(0.9), unacknowledged(4.4), unacknowledged(5)));

        assertThat(expected(Duration.ofSeconds(6)).verdict()).contains(Verdict.STALLED);
        assertThat(expected(Duration.ofSeconds(3)).verdict()).isEmpty();
    }

    @Test
    void countsThatCouldNotBeReadTellNothing() {
        sockets.add(socket(1, leader()));
        sockets.add(socket(2, leader()));
        unknownBecause = Optional.of("there is no native epoll");

        assertThat(expected().verdict()).isEmpty();
        assertThat(expected().because()).isEqualTo("the kernel's counts could not be read: there is no native epoll");
    }

    @Test
    void probedConnectionWithoutCountsTellsNothing() {
        sockets.add(socket(1, leader(), sent(0.9), sent(2.5), sent(4.5)));
        sockets.add(socket(2, leader()));

        assertThat(expected().verdict()).isEmpty();
        assertThat(expected().because()).contains("#2 was not sampled");
    }

    private Expected expected() {
        return expected(Duration.ofSeconds(6));
    }

    private Expected expected(Duration requestTimeout) {
        Evidence evidence = new Evidence(
                Instant.EPOCH,
                Duration.ofSeconds(20),
                List.of(
                        new Phase(Phase.Kind.BURST, 1, OptionalInt.empty(), Duration.ZERO, seconds(1)),
                        new Phase(Phase.Kind.IDLE, 1, OptionalInt.empty(), seconds(1), seconds(6)),
                        new Phase(Phase.Kind.PROBE, 1, OptionalInt.of(0), seconds(6), seconds(20))),
                List.of(),
                sockets,
                List.of(),
                unknownBecause);
        ScenarioReport report = new ScenarioReport(
                ScenarioSettings.builder("127.0.0.1:19092", "t")
                        .requestTimeout(requestTimeout)
                        .build(),
                1,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty(),
                evidence);
        return new Expectation.BySilence(IDLE_TIMEOUT).of(report);
    }

    private static SocketRole bootstrap() {
        return new SocketRole(SocketRole.Kind.BOOTSTRAP, -1, List.of());
    }

    private static SocketRole leader() {
        return new SocketRole(SocketRole.Kind.NODE, 1, List.of(0));
    }

    private static SocketRole leadsNothing() {
        return new SocketRole(SocketRole.Kind.NODE, 3, List.of());
    }

    private record Sent(Duration seenAt, Duration before, int unacked) {}

    private static Sent sent(double at) {
        return new Sent(seconds(at), Duration.ZERO, 0);
    }

    private static Sent seenLate(double at, double seenAt) {
        return new Sent(seconds(seenAt), seconds(seenAt - at), 0);
    }

    private static Sent unacknowledged(double at) {
        return new Sent(seconds(at), Duration.ZERO, 1);
    }

    private static SocketHistory socket(int id, SocketRole role, Sent... sent) {
        List<Sample> samples = new ArrayList<>();
        for (Sent each : sent) {
            samples.add(new Sample(each.seenAt(), info(samples.size() + 1, each.unacked(), each.before())));
        }
        InetSocketAddress end = new InetSocketAddress("127.0.0.1", 40_000 + id);
        return new SocketHistory(
                id,
                end,
                end,
                role,
                Optional.empty(),
                List.of(),
                seconds(0.1),
                Optional.empty(),
                Optional.empty(),
                samples);
    }

    private static SocketHistory closed(SocketHistory socket, double at) {
        return new SocketHistory(
                socket.id(),
                socket.local(),
                socket.remote(),
                socket.role(),
                socket.options(),
                socket.problems(),
                socket.openedAt(),
                Optional.of(seconds(at)),
                Optional.of(SocketEnd.CLIENT),
                socket.samples());
    }

    private static TcpInfo info(int segments, int unacked, Duration sinceData) {
        Duration none = Duration.ZERO;
        return new TcpInfo("ESTAB", 0, 0, 0, none, unacked, 0, 0, 0, 0, segments, segments, 0, sinceData, sinceData);
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1000));
    }
}
