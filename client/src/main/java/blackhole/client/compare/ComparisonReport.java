package blackhole.client.compare;

import blackhole.client.report.HtmlReport;
import blackhole.client.report.RunRecord;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The results of the variants.
 *
 * @param elapsed the total time for all of them, which is roughly that of the slowest
 * @param variants in the given order
 */
public record ComparisonReport(Duration elapsed, List<NamedRun> variants) {

    /** Returns whether every variant ran and has the expected verdict. */
    @JsonIgnore
    public boolean isAsExpected() {
        return variants.stream().allMatch(NamedRun::isAsExpected);
    }

    /** Returns the HTML report: the variants side by side, then one after the other. */
    public String html() {
        return HtmlReport.of(
                "blackhole/client/compare/comparison.peb",
                "Comparison of " + variants.size() + " producers",
                variants.stream()
                        .flatMap(variant -> Stream.ofNullable(variant.run()))
                        .toList(),
                Map.of("comparison", this));
    }

    @JsonProperty
    int schemaVersion() {
        return RunRecord.SCHEMA_VERSION;
    }

    @JsonProperty
    String kind() {
        return "comparison";
    }
}
