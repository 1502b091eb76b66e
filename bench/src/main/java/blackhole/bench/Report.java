package blackhole.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The results as JSON and as a Markdown table.
 *
 * @param facts date, machine, command: what a reader needs to judge the figures
 */
record Report(Results results, Map<String, String> facts) {
    private static final List<String> PEERS = List.of("haproxy", "nginx", "socat");

    String json() throws JsonProcessingException {
        Map<String, Object> json = new LinkedHashMap<>(facts);
        json.put("metrics", results.metrics().stream().map(this::row).toList());
        return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
    }

    private Map<String, Object> row(Metric metric) {
        Map<String, Object> contenders = new LinkedHashMap<>();
        for (String contender : results.contenders()) {
            results.median(metric, contender)
                    .ifPresent(median -> contenders.put(
                            contender, Map.of("median", median, "rounds", results.of(metric, contender))));
        }
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("name", metric.name());
        row.put("unit", metric.unit());
        row.put("better", metric.moreIsBetter() ? "more" : "less");
        row.put("contenders", contenders);
        return row;
    }

    String markdown() {
        List<String> contenders = results.contenders();
        StringBuilder text = new StringBuilder();
        facts.forEach((name, value) ->
                text.append("- ").append(name).append(": ").append(value).append('\n'));
        text.append(
                "\nMedians, with the lowest and the highest round. The last two columns are ratios of the medians.\n\n");
        List<String> head = new ArrayList<>(List.of("", "unit"));
        head.addAll(contenders);
        head.add("blackhole ÷ direct");
        head.add("blackhole ÷ best peer");
        text.append(row(head));
        text.append("|---|---|").append("---:|".repeat(head.size() - 2)).append('\n');
        for (Metric metric : results.metrics()) {
            List<String> cells = new ArrayList<>(List.of(metric.name(), metric.unit()));
            contenders.forEach(contender -> cells.add(cell(metric, contender)));
            cells.add(ratio(metric, results.median(metric, Contender.DIRECT).orElse(Double.NaN)));
            cells.add(ratio(metric, bestPeer(metric).orElse(Double.NaN)));
            text.append(row(cells));
        }
        return text.toString();
    }

    private static String row(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |\n";
    }

    private String cell(Metric metric, String contender) {
        DoubleSummaryStatistics rounds = results.of(metric, contender).stream()
                .mapToDouble(Double::doubleValue)
                .summaryStatistics();
        if (rounds.getCount() == 0) {
            return "–";
        }
        String median = shortNumber(results.median(metric, contender).orElseThrow());
        return rounds.getCount() == 1
                ? median
                : median + " (" + shortNumber(rounds.getMin()) + "–" + shortNumber(rounds.getMax()) + ")";
    }

    /** Three digits, no exponent. */
    static String shortNumber(double value) {
        double size = Math.abs(value);
        return String.format(
                Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f", value);
    }

    private OptionalDouble bestPeer(Metric metric) {
        DoubleSummaryStatistics medians = results.contenders().stream()
                .filter(name -> PEERS.stream().anyMatch(name::startsWith))
                .flatMapToDouble(name -> results.median(metric, name).stream())
                .summaryStatistics();
        return medians.getCount() == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(metric.moreIsBetter() ? medians.getMax() : medians.getMin());
    }

    /** A dash if a figure is NaN because it was not measured, or the other one is 0. */
    private String ratio(Metric metric, double to) {
        double ratio = results.median(metric, Contender.BLACKHOLE).orElse(Double.NaN) / to;
        return Double.isFinite(ratio) ? String.format(Locale.ROOT, "%.2f", ratio) : "–";
    }
}
