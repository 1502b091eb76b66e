package blackhole.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.client.compare.Comparison;
import blackhole.client.compare.ComparisonListener;
import blackhole.client.compare.ComparisonReport;
import blackhole.client.compare.Variant;
import blackhole.client.evidence.SocketTable;
import blackhole.client.evidence.TableText;
import blackhole.client.report.NamedRun;
import blackhole.client.report.RunRecord;
import blackhole.client.scenario.ScenarioListener;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import blackhole.lab.Lab;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
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
            assertThat(report.asExpected()).isTrue();
            Duration slowest = report.variants().stream()
                    .flatMap(variant -> variant.run().stream())
                    .map(run -> run.report().evidence().length())
                    .max(Duration::compareTo)
                    .orElseThrow();
            assertThat(report.elapsed()).isBetween(slowest, slowest.plusSeconds(8));
            assertThat(report.elapsed())
                    .isLessThan(report.variants().stream()
                            .flatMap(variant -> variant.run().stream())
                            .map(run -> run.report().evidence().length())
                            .reduce(Duration.ZERO, Duration::plus)
                            .dividedBy(2));
        }
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
                    "{}: {} {}",
                    variant.name(),
                    result.run().map(run -> run.report().verdict()),
                    result.run().map(RunRecord::diagnosis));
        }
    }
}
