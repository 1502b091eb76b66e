package blackhole.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.client.compare.Comparison;
import blackhole.client.compare.ComparisonListener;
import blackhole.client.compare.ComparisonReport;
import blackhole.client.compare.NamedRun;
import blackhole.client.compare.Variant;
import blackhole.client.report.RunRecord;
import blackhole.client.scenario.Round;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import blackhole.lab.Lab;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Five producers behind one proxy, at the same time. */
@Tag("broker")
class ComparisonIT {

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

            ComparisonReport report = Comparison.run(Variant.defaults(IDLE_TIMEOUT), base, ComparisonListener.NONE);

            assertThat(report.variants().stream().collect(Collectors.toMap(NamedRun::name, ComparisonIT::verdict)))
                    .isEqualTo(EXPECTED);
            assertThat(report.isAsExpected()).isTrue();
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
            assertThat(report.elapsed())
                    .isBetween(slowest, slowest.plusSeconds(8))
                    .isLessThan(oneAfterTheOther.multipliedBy(2).dividedBy(3));
        }
    }

    private static int refreshes(ComparisonReport report, String variant) {
        return report.variants().stream()
                .filter(named -> named.name().equals(variant))
                .flatMap(named -> Objects.requireNonNull(named.run(), named::failure).report().rounds().stream())
                .mapToInt(Round::metadataRefreshes)
                .sum();
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
                .flatMap(variant -> Stream.ofNullable(variant.run()))
                .map(RunRecord::report);
    }

    private static Verdict verdict(NamedRun variant) {
        return Objects.requireNonNull(variant.run(), variant::failure).report().verdict();
    }
}
