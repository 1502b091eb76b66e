package blackhole.lab;

import blackhole.client.compare.NamedRun;
import blackhole.client.scenario.Probe;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.Verdict;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import blackhole.middlebox.flow.Leg;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

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
        List<SegmentDiscarded> segments = mostDiscardedFlow(flowsOf(report, proxy), proxy);
        List<Duration> gaps = segments.stream()
                .map(SegmentDiscarded::gap)
                .filter(Objects::nonNull)
                .toList();
        return new DemoOutcome(run, probe.elapsed(), probe.verdict(), segments.size(), gaps);
    }

    /** The flows of the producer's sockets, by client address. */
    private static Set<Long> flowsOf(ScenarioReport report, WatchedProxy proxy) {
        Set<Integer> ports = report.sockets().stream()
                .map(socket -> socket.local().getPort())
                .collect(Collectors.toSet());
        return proxy.events(FlowOpened.class).stream()
                .filter(opened -> ports.contains(opened.client().getPort()))
                .map(FlowOpened::flowId)
                .collect(Collectors.toSet());
    }

    private static List<SegmentDiscarded> mostDiscardedFlow(Set<Long> flows, WatchedProxy proxy) {
        return proxy.events(SegmentDiscarded.class).stream()
                .filter(event -> event.leg() == Leg.CLIENT && flows.contains(event.flowId()))
                .collect(Collectors.groupingBy(SegmentDiscarded::flowId))
                .values()
                .stream()
                .max((a, b) -> Integer.compare(a.size(), b.size()))
                .orElse(List.of());
    }
}
