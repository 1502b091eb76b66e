package blackhole.client.report;

import blackhole.client.evidence.RunEvent;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.Verdict;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A completed run and what it means; the source of all output, JSON and charts.
 *
 * @param name of the run, such as its variant's in a comparison
 * @param report what happened
 * @param diagnosis what it means
 * @param events what happened to the sockets, and to their flows if the proxy's events were recorded; in order
 */
public record RunRecord(
        String name,
        @JsonUnwrapped ScenarioReport report,
        @JsonUnwrapped Diagnosis diagnosis,
        List<RunEvent> events) {

    /** Of the JSON documents, docs/report-schema.json. */
    public static final int SCHEMA_VERSION = 1;

    /** Returns a record without the proxy's events. */
    public static RunRecord of(String name, ScenarioReport report) {
        return new RunRecord(
                name, report, Diagnosis.of(report), report.evidence().events());
    }

    /** Returns the same record with the proxy's events, and a warning if some are missing, otherwise null. */
    RunRecord with(List<RunEvent> proxyEvents, @Nullable String warning) {
        List<RunEvent> all = Stream.concat(events.stream(), proxyEvents.stream())
                .sorted(Comparator.comparing(RunEvent::at))
                .toList();
        return new RunRecord(name, warning == null ? report : report.warned(warning), diagnosis, all);
    }

    /** Returns the most telling sentence: why a run went well, or else what went wrong. */
    public String headline() {
        return report.verdict() == Verdict.IMMEDIATE ? diagnosis.explanation().get(0) : diagnosis.summary();
    }

    @JsonProperty
    int schemaVersion() {
        return SCHEMA_VERSION;
    }

    @JsonProperty
    String kind() {
        return "run";
    }
}
