package blackhole.client.report;

import blackhole.client.evidence.RunEvent;
import blackhole.client.scenario.ScenarioReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A scenario that was played, and what it means. Everything that is printed, written as JSON or drawn comes from here.
 *
 * @param name of the run, as of a variant in a comparison
 * @param report what happened
 * @param diagnosis what it means
 * @param events what happened to the sockets, and to their flows in the proxy where its events were heard; in order
 */
public record RunRecord(String name, ScenarioReport report, Diagnosis diagnosis, List<RunEvent> events) {

    public RunRecord {
        events = List.copyOf(events);
    }

    /**
     * Without the proxy's own view.
     *
     * @param name of the run
     * @param report what happened
     */
    public static RunRecord of(String name, ScenarioReport report) {
        return new RunRecord(
                name, report, Diagnosis.of(report), report.evidence().events());
    }

    /** The same with events that the proxy told. */
    public RunRecord with(List<RunEvent> proxyEvents) {
        List<RunEvent> all = new ArrayList<>(events);
        all.addAll(proxyEvents);
        all.sort(Comparator.comparing(RunEvent::at));
        return new RunRecord(name, report, diagnosis, all);
    }

    /** The same with one more warning. */
    public RunRecord warned(String warning) {
        return new RunRecord(name, report.warned(warning), diagnosis, events);
    }
}
