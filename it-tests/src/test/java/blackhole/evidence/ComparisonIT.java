package blackhole.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.client.compare.Comparison;
import blackhole.client.compare.ComparisonListener;
import blackhole.client.compare.ComparisonReport;
import blackhole.client.compare.NamedRun;
import blackhole.client.compare.Variant;
import blackhole.client.evidence.Evidence;
import blackhole.client.evidence.Phase;
import blackhole.client.evidence.SocketTable;
import blackhole.client.evidence.TableText;
import blackhole.client.report.RunRecord;
import blackhole.client.scenario.Round;
import blackhole.client.scenario.ScenarioListener;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import blackhole.lab.EmbeddedCluster;
import blackhole.lab.Lab;
import blackhole.lab.WatchedProxy;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Five producers behind one proxy, at the same time. */
class ComparisonIT {

    private static final Logger LOG = LoggerFactory.getLogger(ComparisonIT.class);

    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration IDLE = Duration.ofSeconds(5);

    /** With one broker the refresher's request can only go where the produce requests go, so that flow is kept. */
    private static final Map<String, Verdict> EXPECTED = Map.of(
            "keepalive off", Verdict.STALLED,
            "keepalive on", Verdict.IMMEDIATE,
            "user timeout only", Verdict.RECOVERED,
            "refresher", Verdict.IMMEDIATE,
            "max idle", Verdict.IMMEDIATE);

    @Test
    void eachVariantHasItsVerdictAndAllTakeAsLongAsTheSlowest() throws Exception {
        try (Lab lab = Lab.builder().idleTimeout(IDLE_TIMEOUT).start()) {
            ScenarioSettings base = ScenarioSettings.builder(lab.bootstrap(), "orders")
                    .createTopic(1)
                    .burstSize(10)
                    .idle(IDLE)
                    .requestTimeout(Duration.ofSeconds(6))
                    .build();

            ComparisonReport report = Comparison.run(Variant.defaults(IDLE_TIMEOUT), base, new Told());

            assertThat(report.variants().stream().collect(Collectors.toMap(NamedRun::name, ComparisonIT::verdict)))
                    .isEqualTo(EXPECTED);
            assertThat(report.variants())
                    .allSatisfy(variant -> assertThat(variant.expected().verdict())
                            .as(variant.name() + ": " + variant.expected())
                            .contains(EXPECTED.get(variant.name())));
            assertThat(refreshes(report, "refresher"))
                    .as(
                            "refreshes, each %s for %s",
                            IDLE_TIMEOUT.multipliedBy(2).dividedBy(7), IDLE)
                    .isBetween(3, 8);
            assertThat(flowsOfNoProducer(lab, report))
                    .as("one look for the topic, and not one for each variant")
                    .isLessThan(EXPECTED.size());
            List<Duration> lengths =
                    runs(report).map(run -> run.evidence().length()).toList();
            Duration slowest = Collections.max(lengths);
            Duration oneAfterTheOther = lengths.stream().reduce(Duration.ZERO, Duration::plus);
            LOG.info("took {}; the slowest {}, the sum {}", report.elapsed(), slowest, oneAfterTheOther);
            assertThat(report.elapsed())
                    .isBetween(slowest, slowest.plusSeconds(8))
                    .isLessThan(oneAfterTheOther.multipliedBy(2).dividedBy(3));
        }
    }

    /**
     * With two brokers a refresh takes one of two connections: what is then expected is held against the proxies. One
     * refresher is so slow and the other so fast that a late machine can't bring a silence near to the idle timeout.
     */
    @Test
    void refresherOfSeveralConnectionsIsExpectedToStallIfOneHasExpired() throws Exception {
        try (Lab lab = Lab.builder()
                .proxies(2)
                .broker(EmbeddedCluster::reserve)
                .idleTimeout(IDLE_TIMEOUT)
                .start()) {
            ScenarioSettings base = ScenarioSettings.builder(lab.bootstrap(), "orders")
                    .createTopic(6)
                    .burstSize(60)
                    .idle(IDLE)
                    .requestTimeout(Duration.ofSeconds(6))
                    .build();
            Variant once = refresher("once while idle", IDLE);
            Variant often = refresher("thirty times before it expires", IDLE_TIMEOUT.dividedBy(30));

            ComparisonReport report = Comparison.run(List.of(once, often), base, new Told());

            assertExpectedAndSo(Verdict.STALLED, lab, report.variants().get(0));
            assertExpectedAndSo(Verdict.IMMEDIATE, lab, report.variants().get(1));
        }
    }

    private static int refreshes(ComparisonReport report, String variant) {
        return report.variants().stream()
                .filter(named -> named.name().equals(variant))
                .flatMap(named -> named.run().orElseThrow().report().rounds().stream())
                .mapToInt(Round::metadataRefreshes)
                .sum();
    }

    private static void assertExpectedAndSo(Verdict verdict, Lab lab, NamedRun variant) {
        assertThat(variant.expected().because()).contains("2 connections to brokers");
        assertThat(variant.expected().verdict()).as("" + variant.expected()).contains(verdict);
        assertThat(verdict(variant)).as(variant.name()).isEqualTo(verdict);
        assertThat(probedFlowHasExpired(lab, variant.run().orElseThrow().report()))
                .as(variant.name() + ": a flow that was probed had expired")
                .isEqualTo(verdict == Verdict.STALLED);
    }

    private static Variant refresher(String name, Duration every) {
        Variant refresher = Variant.defaults(IDLE_TIMEOUT).stream()
                .filter(variant -> variant.refresherEvery().isPresent())
                .findFirst()
                .orElseThrow();
        return new Variant(
                name,
                refresher.about(),
                refresher.socketOptions(),
                Optional.of(every),
                refresher.producerProperties(),
                refresher.expectation());
    }

    /** By the proxies' own word: a flow to a leader that was there when the probes began, and had expired. */
    private static boolean probedFlowHasExpired(Lab lab, ScenarioReport report) {
        Evidence evidence = report.evidence();
        Duration probes = evidence.phases().stream()
                .filter(phase -> phase.kind() == Phase.Kind.IDLE)
                .map(Phase::to)
                .findFirst()
                .orElseThrow();
        return evidence.sockets().stream()
                .filter(socket -> !socket.role().leads().isEmpty()
                        && socket.openedAt().compareTo(probes) < 0
                        && socket.closedAt().map(at -> at.compareTo(probes) > 0).orElse(true))
                .anyMatch(socket -> lab.proxies().stream()
                        .anyMatch(proxy -> expiredBefore(
                                proxy,
                                socket.local().getPort(),
                                evidence.startedAt().plus(probes))));
    }

    private static boolean expiredBefore(WatchedProxy proxy, int clientPort, Instant when) {
        return proxy.events(FlowOpened.class).stream()
                .filter(opened -> opened.client().getPort() == clientPort)
                .anyMatch(opened -> proxy.events(FlowExpired.class).stream()
                        .anyMatch(expired -> expired.flowId() == opened.flowId()
                                && expired.at().isBefore(when)));
    }

    private static long flowsOfNoProducer(Lab lab, ComparisonReport report) {
        Set<Integer> ports = runs(report)
                .flatMap(run -> run.sockets().stream())
                .map(socket -> socket.local().getPort())
                .collect(Collectors.toSet());
        return lab.events(FlowOpened.class).stream()
                .filter(opened -> !ports.contains(opened.client().getPort()))
                .count();
    }

    private static Stream<ScenarioReport> runs(ComparisonReport report) {
        return report.variants().stream()
                .flatMap(variant -> variant.run().stream())
                .map(RunRecord::report);
    }

    private static Verdict verdict(NamedRun variant) {
        return variant.run()
                .map(run -> run.report().verdict())
                .orElseThrow(() -> new AssertionError(variant.failure()));
    }

    private static final class Told implements ComparisonListener {
        @Override
        public ScenarioListener listener(Variant variant) {
            return new ScenarioListener() {
                @Override
                public void sockets(SocketTable table) {
                    TableText.lines(table).forEach(line -> LOG.debug("{}: {}", variant.name(), line));
                }
            };
        }

        @Override
        public void done(Variant variant, NamedRun result) {
            LOG.info(
                    "{}: {}, {}; {}",
                    variant.name(),
                    result.run().map(run -> run.report().verdict()),
                    result.expected(),
                    result.run().map(RunRecord::diagnosis));
        }
    }
}
