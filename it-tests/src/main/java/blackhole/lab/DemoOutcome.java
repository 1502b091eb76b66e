package blackhole.lab;

import blackhole.client.compare.NamedRun;
import blackhole.client.scenario.Probe;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.Verdict;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What became of one producer of the demo.
 *
 * @param firstProduce how long its first message after the idle time took to be acknowledged
 * @param discarded how many segments of its flow with the most discarded segments were discarded
 * @param discardedGaps the time from each of those to the next
 */
record DemoOutcome(NamedRun run, Duration firstProduce, Verdict verdict, int discarded, List<Duration> discardedGaps) {

    static DemoOutcome of(NamedRun run, WatchedProxy proxy) {
        ScenarioReport report = run.run()
                .orElseThrow(() -> new IllegalStateException(
                        run.name() + " was not played: " + run.failure().orElse("")))
                .report();
        Probe probe = report.rounds().get(0).probes().get(0);
        Set<Long> flows = proxy.flowsFrom(report.sockets().stream()
                .map(socket -> socket.local().getPort())
                .toList());
        List<SegmentDiscarded> segments = proxy.mostDiscarded(event -> flows.contains(event.flowId()));
        List<Duration> gaps = segments.stream()
                .map(SegmentDiscarded::gap)
                .filter(Objects::nonNull)
                .toList();
        return new DemoOutcome(run, probe.elapsed(), probe.verdict(), segments.size(), gaps);
    }
}
