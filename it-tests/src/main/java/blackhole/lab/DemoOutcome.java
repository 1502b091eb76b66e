package blackhole.lab;

import blackhole.client.compare.NamedRun;
import blackhole.client.scenario.Probe;
import blackhole.client.scenario.ScenarioReport;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import java.util.List;
import java.util.Set;

/**
 * What became of one producer of the demo.
 *
 * @param probe its first message after the idle time
 * @param discarded the client's discarded segments of that of its flows with the most of them
 */
record DemoOutcome(NamedRun run, Probe probe, List<SegmentDiscarded> discarded) {

    static DemoOutcome of(NamedRun run, WatchedProxy proxy) {
        if (run.run() == null) {
            throw new IllegalStateException(run.name() + " was not played: " + run.failure());
        }
        ScenarioReport report = run.run().report();
        Set<Long> flows = proxy.flowsFrom(report.sockets().stream()
                .map(socket -> socket.local().getPort())
                .toList());
        return new DemoOutcome(
                run,
                report.rounds().get(0).probes().get(0),
                proxy.mostDiscarded(event -> flows.contains(event.flowId())));
    }
}
