package blackhole.lab;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.client.evidence.SocketRole;
import blackhole.client.scenario.Message;
import blackhole.client.scenario.Probe;
import blackhole.client.scenario.Scenario;
import blackhole.client.scenario.ScenarioListener;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import blackhole.keepalive.SocketOptions;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The regression suite for a Kafka producer behind a middlebox that silently expires idle flows, with times scaled so that
 * the outcomes stay apart: keepalive off stalls, keepalive on and TCP_USER_TIMEOUT do not.
 */
@Tag("broker")
@Tag("slow")
class ProducerRegressionIT {
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration IDLE = Duration.ofSeconds(5);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(15);

    private static final SocketOptions KEEPALIVE_ON =
            SocketOptions.keepAlive(Duration.ofSeconds(1), Duration.ofSeconds(1), 3);

    /** Keepalive too slow to help, so that what ends the stall is TCP_USER_TIMEOUT alone. */
    private static final SocketOptions USER_TIMEOUT_ONLY = SocketOptions.keepAlive(
                    Duration.ofSeconds(600), Duration.ofSeconds(75), 9)
            .withUserTimeout(Duration.ofSeconds(2));

    private static final String TOPIC = "orders";

    @ParameterizedTest
    @EnumSource
    void withKeepaliveOffTheFirstProduceAfterTheIdleTimeStalls(BrokerKind kind) throws Exception {
        kind.orSkip();
        try (Lab lab = lab(kind, OnExpiry.DROP)) {

            ScenarioReport report = play(lab, SocketOptions.OFF, IDLE);

            Probe probe = firstProbe(report);
            assertThat(probe.verdict()).isEqualTo(Verdict.STALLED);
            assertThat(probe.elapsed()).isGreaterThanOrEqualTo(REQUEST_TIMEOUT);
            assertThat(probe.opened()).isNotEmpty();
            assertNothingLostOrDoubled(lab, report);
            assertThat(lab.proxy().mostDiscarded(event -> event.gap() != null))
                    .extracting(SegmentDiscarded::gap)
                    .hasSizeGreaterThanOrEqualTo(3)
                    .satisfies(ProducerRegressionIT::grow);
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepaliveFasterThanTheIdleTimeoutKeepsTheFlow(BrokerKind kind) throws Exception {
        kind.orSkip();
        try (Lab lab = lab(kind, OnExpiry.DROP)) {

            ScenarioReport report = play(lab, KEEPALIVE_ON, IDLE_TIMEOUT.multipliedBy(3));

            assertThat(report.verdict()).isEqualTo(Verdict.IMMEDIATE);
            assertThat(lab.events(FlowExpired.class)).isEmpty();
            assertNothingLostOrDoubled(lab, report);
        }
    }

    @ParameterizedTest
    @EnumSource
    void userTimeoutAloneRecoversLongBeforeTheRequestTimeout(BrokerKind kind) throws Exception {
        kind.orSkip();
        try (Lab lab = lab(kind, OnExpiry.DROP)) {

            ScenarioReport report = play(lab, USER_TIMEOUT_ONLY, IDLE);

            Probe probe = firstProbe(report);
            assertThat(probe.verdict()).isEqualTo(Verdict.RECOVERED);
            assertThat(probe.elapsed()).isLessThan(REQUEST_TIMEOUT.dividedBy(3).multipliedBy(2));
            assertThat(probe.opened()).isNotEmpty();
            assertThat(lab.events(FlowExpired.class)).isNotEmpty();
            assertNothingLostOrDoubled(lab, report);
        }
    }

    @ParameterizedTest
    @EnumSource
    void trafficMoreOftenThanTheIdleTimeoutKeepsTheFlow(BrokerKind kind) throws Exception {
        kind.orSkip();
        try (Lab lab = lab(kind, OnExpiry.DROP)) {
            Duration lessThanTheTimeout = IDLE_TIMEOUT.dividedBy(3);
            int rounds = 9;

            ScenarioReport report = Scenario.run(
                    settings(lab, SocketOptions.OFF, lessThanTheTimeout)
                            .repeats(rounds)
                            .pause(Duration.ZERO)
                            .build(),
                    ScenarioListener.NONE);

            assertThat(report.rounds()).hasSize(rounds);
            assertThat(report.verdict()).isEqualTo(Verdict.IMMEDIATE);
            // The bootstrap connection carries nothing after the start, and may expire.
            Set<Long> toTheNode = flowsToTheNode(lab, report);
            assertThat(toTheNode).hasSize(1);
            assertThat(lab.events(FlowExpired.class)).noneMatch(expired -> toTheNode.contains(expired.flowId()));
            assertNothingLostOrDoubled(lab, report);
        }
    }

    /** Why this proxy does not merely stop reading, as others do: its kernel would go on acknowledging. */
    @Test
    void stoppingToReadShowsNeitherRetransmissionsNorRecoveryByUserTimeout() throws Exception {
        try (Lab lab = lab(BrokerKind.EMBEDDED, OnExpiry.STALL)) {
            Duration requestTimeout = Duration.ofSeconds(6);

            ScenarioReport report = Scenario.run(
                    settings(lab, USER_TIMEOUT_ONLY, IDLE)
                            .requestTimeout(requestTimeout)
                            .build(),
                    ScenarioListener.NONE);

            assertThat(lab.events(FlowExpired.class)).isNotEmpty();
            assertThat(lab.events(SegmentDiscarded.class)).isEmpty();
            assertThat(firstProbe(report).verdict()).isEqualTo(Verdict.STALLED);
            assertThat(firstProbe(report).elapsed()).isGreaterThanOrEqualTo(requestTimeout);
        }
    }

    private static Lab lab(BrokerKind kind, OnExpiry onExpiry) {
        Lab lab = Lab.builder()
                .broker(kind::reserve)
                .idleTimeout(IDLE_TIMEOUT)
                .onExpiry(onExpiry)
                .start();
        lab.topics().create(TOPIC, 1);
        return lab;
    }

    private static ScenarioReport play(Lab lab, SocketOptions options, Duration idle) throws InterruptedException {
        return Scenario.run(settings(lab, options, idle).build(), ScenarioListener.NONE);
    }

    private static ScenarioSettings.Builder settings(Lab lab, SocketOptions options, Duration idle) {
        return ScenarioSettings.builder(lab.bootstrap(), TOPIC)
                .burstSize(10)
                .idle(idle)
                .socketOptions(options)
                .requestTimeout(REQUEST_TIMEOUT);
    }

    private static Set<Long> flowsToTheNode(Lab lab, ScenarioReport report) {
        return lab.proxy()
                .flowsFrom(report.evidence().sockets().stream()
                        .filter(socket -> socket.role().kind() == SocketRole.Kind.NODE)
                        .map(socket -> socket.local().getPort())
                        .toList());
    }

    private static Probe firstProbe(ScenarioReport report) {
        return report.rounds().get(0).probes().get(0);
    }

    private static void assertNothingLostOrDoubled(Lab lab, ScenarioReport report) {
        List<String> sent = report.messages().stream().map(Message::id).toList();
        assertThat(lab.topics().read(TOPIC)).containsExactlyInAnyOrderElementsOf(sent);
    }

    /** The kernel doubles the gap each time; a tail loss probe may come before the first retransmission. */
    private static void grow(List<? extends Duration> gaps) {
        Duration last = gaps.get(gaps.size() - 1);
        Duration lastButOne = gaps.get(gaps.size() - 2);
        assertThat(last).isGreaterThan(lastButOne);
        assertThat(last).isGreaterThan(gaps.get(0).multipliedBy(2));
    }
}
