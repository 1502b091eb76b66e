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
import blackhole.lab.SharedLab.Share;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The regression suite for a Kafka producer behind a middlebox that silently expires idle flows, with times scaled so that
 * the outcomes stay apart: keepalive off stalls, keepalive on and TCP_USER_TIMEOUT do not.
 */
@Tag("broker")
@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class ProducerRegressionIT {
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration IDLE = Duration.ofSeconds(5);

    /** What a stall lasts twice. */
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);

    /** Far above the user timeout, so that what ends the wait is clear on a slow machine, too. */
    private static final Duration LONG_REQUEST_TIMEOUT = Duration.ofSeconds(15);

    private static final SocketOptions KEEPALIVE_ON =
            SocketOptions.keepAlive(Duration.ofSeconds(1), Duration.ofSeconds(1), 3);

    /** Keepalive too slow to help, so that what ends the stall is TCP_USER_TIMEOUT alone. */
    private static final SocketOptions USER_TIMEOUT_ONLY = SocketOptions.keepAlive(
                    Duration.ofSeconds(600), Duration.ofSeconds(75), 9)
            .withUserTimeout(Duration.ofSeconds(2));

    private static final Map<BrokerKind, SharedLab> LABS = new EnumMap<>(BrokerKind.class);

    @AfterAll
    static void stop() {
        LABS.values().forEach(SharedLab::close);
    }

    @ParameterizedTest
    @EnumSource
    void withKeepaliveOffTheFirstProduceAfterTheIdleTimeStalls(BrokerKind kind) throws Exception {
        Share share = share(kind);

        ScenarioReport report = play(settings(share, SocketOptions.OFF, IDLE).requestTimeout(REQUEST_TIMEOUT));

        Probe probe = firstProbe(report);
        assertThat(probe.verdict()).isEqualTo(Verdict.STALLED);
        assertThat(probe.elapsed()).isGreaterThanOrEqualTo(REQUEST_TIMEOUT);
        assertThat(probe.opened()).isNotEmpty();
        assertNothingLostOrDoubled(share, report);
        assertThat(share.proxy().mostDiscarded(event -> event.gap() != null))
                .extracting(SegmentDiscarded::gap)
                .hasSizeGreaterThanOrEqualTo(3)
                .satisfies(ProducerRegressionIT::grow);
    }

    @ParameterizedTest
    @EnumSource
    void keepaliveFasterThanTheIdleTimeoutKeepsTheFlow(BrokerKind kind) throws Exception {
        Share share = share(kind);

        ScenarioReport report = play(settings(share, KEEPALIVE_ON, IDLE_TIMEOUT.multipliedBy(3)));

        assertThat(report.verdict()).isEqualTo(Verdict.IMMEDIATE);
        assertThat(share.proxy().events(FlowExpired.class)).isEmpty();
        assertNothingLostOrDoubled(share, report);
    }

    @ParameterizedTest
    @EnumSource
    void userTimeoutAloneRecoversLongBeforeTheRequestTimeout(BrokerKind kind) throws Exception {
        Share share = share(kind);

        ScenarioReport report = play(settings(share, USER_TIMEOUT_ONLY, IDLE));

        Probe probe = firstProbe(report);
        assertThat(probe.verdict()).isEqualTo(Verdict.RECOVERED);
        assertThat(probe.elapsed()).isLessThan(LONG_REQUEST_TIMEOUT.dividedBy(3).multipliedBy(2));
        assertThat(probe.opened()).isNotEmpty();
        assertThat(share.proxy().events(FlowExpired.class)).isNotEmpty();
        assertNothingLostOrDoubled(share, report);
    }

    @ParameterizedTest
    @EnumSource
    void trafficMoreOftenThanTheIdleTimeoutKeepsTheFlow(BrokerKind kind) throws Exception {
        Share share = share(kind);
        Duration lessThanTheTimeout = IDLE_TIMEOUT.dividedBy(3);
        int rounds = 9;

        ScenarioReport report = play(settings(share, SocketOptions.OFF, lessThanTheTimeout)
                .repeats(rounds)
                .pause(Duration.ZERO));

        assertThat(report.rounds()).hasSize(rounds);
        assertThat(report.verdict()).isEqualTo(Verdict.IMMEDIATE);
        // The bootstrap connection carries nothing after the start, and may expire.
        Set<Long> toTheNode = flowsToTheNode(share, report);
        assertThat(toTheNode).hasSize(1);
        assertThat(share.proxy().events(FlowExpired.class)).noneMatch(expired -> toTheNode.contains(expired.flowId()));
        assertNothingLostOrDoubled(share, report);
    }

    /** Why this proxy does not merely stop reading, as others do: its kernel would go on acknowledging. */
    @Test
    void stoppingToReadShowsNeitherRetransmissionsNorRecoveryByUserTimeout() throws Exception {
        Share share = share(BrokerKind.EMBEDDED);
        share.proxy().proxy().reconfigure(config -> config.with(Setting.ON_EXPIRY, OnExpiry.STALL));

        ScenarioReport report = play(settings(share, USER_TIMEOUT_ONLY, IDLE).requestTimeout(REQUEST_TIMEOUT));

        assertThat(share.proxy().events(FlowExpired.class)).isNotEmpty();
        assertThat(share.proxy().events(SegmentDiscarded.class)).isEmpty();
        assertThat(firstProbe(report).verdict()).isEqualTo(Verdict.STALLED);
        assertThat(firstProbe(report).elapsed()).isGreaterThanOrEqualTo(REQUEST_TIMEOUT);
    }

    private static Share share(BrokerKind kind) {
        kind.orSkip();
        synchronized (LABS) {
            return LABS.computeIfAbsent(
                            kind,
                            first -> SharedLab.of(Lab.builder()
                                    .broker(kind::reserve)
                                    .proxies(5)
                                    .idleTimeout(IDLE_TIMEOUT)
                                    .start()))
                    .next();
        }
    }

    private static ScenarioReport play(ScenarioSettings.Builder settings) throws InterruptedException {
        return Scenario.run(settings.build(), ScenarioListener.NONE);
    }

    private static ScenarioSettings.Builder settings(Share share, SocketOptions options, Duration idle) {
        return share.settings().burstSize(10).idle(idle).socketOptions(options).requestTimeout(LONG_REQUEST_TIMEOUT);
    }

    private static Set<Long> flowsToTheNode(Share share, ScenarioReport report) {
        return share.proxy()
                .flowsFrom(report.evidence().sockets().stream()
                        .filter(socket -> socket.role().kind() == SocketRole.Kind.NODE)
                        .map(socket -> socket.local().getPort())
                        .toList());
    }

    private static Probe firstProbe(ScenarioReport report) {
        return report.rounds().get(0).probes().get(0);
    }

    private static void assertNothingLostOrDoubled(Share share, ScenarioReport report) {
        List<String> sent = report.messages().stream().map(Message::id).toList();
        assertThat(share.topics().read(share.topic())).containsExactlyInAnyOrderElementsOf(sent);
    }

    /** The kernel doubles the gap each time; a tail loss probe may come before the first retransmission. */
    private static void grow(List<? extends Duration> gaps) {
        Duration last = gaps.get(gaps.size() - 1);
        Duration lastButOne = gaps.get(gaps.size() - 2);
        assertThat(last).isGreaterThan(lastButOne);
        assertThat(last).isGreaterThan(gaps.get(0).multipliedBy(2));
    }
}
