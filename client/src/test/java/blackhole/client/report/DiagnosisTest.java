package blackhole.client.report;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.client.evidence.Evidence;
import blackhole.client.evidence.Phase;
import blackhole.client.evidence.RunEvent;
import blackhole.client.evidence.Sample;
import blackhole.client.evidence.SocketHistory;
import blackhole.client.evidence.SocketInfo;
import blackhole.client.evidence.SocketRole;
import blackhole.client.scenario.Burst;
import blackhole.client.scenario.ConnectionEnd;
import blackhole.client.scenario.Probe;
import blackhole.client.scenario.Round;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import blackhole.keepalive.SocketEnd;
import blackhole.keepalive.SocketOptions;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One connection to the leader; the burst takes the first second, the idle time the five after it, then one probe. */
class DiagnosisTest {

    private static final SocketOptions USER_TIMEOUT = SocketOptions.OFF.withUserTimeout(Duration.ofSeconds(2));

    private final List<RunEvent> events = new ArrayList<>();
    private SocketOptions options = SocketOptions.OFF;
    private @Nullable SocketEnd endedBy;
    private double endedAt;
    private boolean sampled = true;
    private int unansweredProbes;

    @ParameterizedTest
    @CsvSource({
        "KERNEL, 6.002, 'by the kernel (timed out or reset), 2ms after the probe began'",
        "PEER, 4, 'by the peer (FIN), 3s into the idle time'"
    })
    void connectionThatEndedIsNotSaidToHaveWorked(SocketEnd by, double at, String how) {
        ended(by, at);

        assertThat(text(Verdict.IMMEDIATE, true))
                .contains("#1 (node 1, leads 0) was ended " + how)
                .contains("The probe was sent on a new connection")
                .contains("refuses an expired flow instead of dropping its packets")
                .doesNotContain("still worked");
    }

    @Test
    void connectionThatKeepaliveGaveUpHadExpired() {
        options = SocketOptions.keepAlive(Duration.ofSeconds(3), Duration.ofSeconds(1), 2);
        unansweredProbes = 2;
        ended(SocketEnd.KERNEL, 5);

        assertThat(text(Verdict.IMMEDIATE, true))
                .contains("the flow had expired", "lower TCP_KEEPIDLE")
                .doesNotContain("refuses", "still worked");
    }

    @Test
    void newConnectionWithoutAnEndSaysNothingAboutThePath() {
        assertThat(text(Verdict.IMMEDIATE, true))
                .contains("shows nothing about idle flows", "--burst-size")
                .doesNotContain("still worked");
    }

    @Test
    void retransmissionsMeanAnExpiredFlow() {
        options = USER_TIMEOUT;
        retransmitted();
        ended(SocketEnd.KERNEL, 8);

        assertThat(text(Verdict.RECOVERED, true))
                .contains("The flow expired during the 5s idle time", "#1 (node 1, leads 0) 1 times")
                .contains("TCP_USER_TIMEOUT limited the wait", "Turn on TCP keepalive");
    }

    @Test
    void unsetUserTimeoutIsNotSaidToHaveLimitedTheWait() {
        retransmitted();
        ended(SocketEnd.KERNEL, 8);

        assertThat(text(Verdict.RECOVERED, true))
                .contains("Turn on TCP keepalive", "Also set TCP_USER_TIMEOUT")
                .doesNotContain("limited the wait");
    }

    @Test
    void endWithoutRetransmissionsIsNotAnExpiredFlow() {
        ended(SocketEnd.PEER, 7.5);

        assertThat(text(Verdict.RECOVERED, true))
                .contains("The kernel or the peer ended the connection", "closed or reset")
                .contains("Find out what closes or resets idle connections")
                .doesNotContain("expired", "limited the wait");
    }

    @Test
    void recoveryWithoutAnEndedConnectionClaimsNone() {
        assertThat(text(Verdict.RECOVERED, true))
                .contains("needed a new connection", "No connection ended")
                .doesNotContain("expired", "Turn on TCP keepalive");
    }

    @Test
    void givingUpWithoutRetransmissionsMeansAnUnresponsiveBroker() {
        options = USER_TIMEOUT;
        ended(SocketEnd.CLIENT, 12);

        assertThat(text(Verdict.STALLED, true))
                .contains("the peer's kernel acknowledged it, but no response came", "no flow expired")
                .contains("Check the broker")
                .doesNotContain("The flow expired", "Turn on TCP keepalive", "set TCP_USER_TIMEOUT");
    }

    @Test
    void givingUpAfterRetransmissionsMeansAnExpiredFlow() {
        retransmitted();
        ended(SocketEnd.CLIENT, 12);

        assertThat(text(Verdict.STALLED, true))
                .contains("The flow expired during the 5s idle time", "Turn on TCP keepalive")
                .doesNotContain("Check the broker");
    }

    @Test
    void unreadableCountersProveNothing() {
        sampled = false;
        ended(SocketEnd.CLIENT, 12);

        assertThat(text(Verdict.STALLED, true))
                .contains("unknown whether the flow expired, because there is no native epoll", "Turn on TCP keepalive")
                .doesNotContain("The flow expired during", "no response came");
    }

    private void ended(SocketEnd by, double at) {
        endedBy = by;
        endedAt = at;
        events.add(new RunEvent(seconds(at), 1, RunEvent.Kind.CLOSED, ""));
    }

    private void retransmitted() {
        events.add(new RunEvent(seconds(6.2), 1, RunEvent.Kind.RETRANSMISSION, "number 1"));
    }

    private String text(Verdict verdict, boolean newConnection) {
        Diagnosis diagnosis = Diagnosis.of(report(verdict, newConnection));
        return diagnosis.summary() + "\n" + String.join("\n", diagnosis.explanation()) + "\n"
                + String.join("\n", diagnosis.advice());
    }

    private ScenarioReport report(Verdict verdict, boolean newConnection) {
        List<ConnectionEnd> ends = endedBy != null && endedAt > 6
                ? List.of(new ConnectionEnd("a -> b", endedBy, seconds(endedAt - 6)))
                : List.of();
        Probe probe = new Probe(
                1,
                0,
                "id",
                verdict,
                seconds(verdict == Verdict.IMMEDIATE ? 0.1 : 8),
                newConnection ? List.of("c -> b") : List.of(),
                ends,
                null);
        Burst burst = new Burst(1, 1, new TreeSet<>(List.of(0)), seconds(0.1), List.of(seconds(0.1)));
        Evidence evidence = new Evidence(
                Instant.EPOCH,
                seconds(20),
                List.of(
                        new Phase(Phase.Kind.BURST, 1, null, seconds(0), seconds(1)),
                        new Phase(Phase.Kind.IDLE, 1, null, seconds(1), seconds(6)),
                        new Phase(Phase.Kind.PROBE, 1, 0, seconds(6), seconds(20))),
                List.of(),
                List.of(socket()),
                events,
                sampled ? null : "there is no native epoll");
        return new ScenarioReport(
                ScenarioSettings.builder("127.0.0.1:19092", "t")
                        .idle(seconds(5))
                        .socketOptions(options)
                        .build(),
                1,
                List.of(new Round(1, burst, seconds(5), 0, List.of(probe))),
                List.of(),
                List.of(),
                null,
                evidence);
    }

    private SocketHistory socket() {
        Duration none = Duration.ZERO;
        SocketInfo info = new SocketInfo("ESTAB", 0, unansweredProbes, 0, none, 0, 0, 9, 9, 9, 9, 9, 9, none, none);
        InetSocketAddress end = new InetSocketAddress("127.0.0.1", 40_000);
        return new SocketHistory(
                1,
                end,
                end,
                new SocketRole(SocketRole.Kind.NODE, 1, List.of(0)),
                null,
                List.of(),
                seconds(0.1),
                endedBy == null ? null : seconds(endedAt),
                endedBy,
                sampled ? List.of(new Sample(seconds(0.2), info)) : List.of());
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1000));
    }
}
