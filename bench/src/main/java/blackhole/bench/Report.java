package blackhole.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** The results as JSON and as a Markdown table. */
final class Report {
    private static final String RIVAL = "haproxy";

    private final Results results;
    private final Map<String, String> facts;

    /** @param facts date, machine, command: what a reader needs to judge the figures */
    Report(Results results, Map<String, String> facts) {
        this.results = results;
        this.facts = facts;
    }

    String json() throws JsonProcessingException {
        Map<String, Object> json = new LinkedHashMap<>(facts);
        json.put("metrics", results.metrics().stream().map(this::row).toList());
        return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
    }

    private Map<String, Object> row(Metric metric) {
        Map<String, Object> contenders = new LinkedHashMap<>();
        for (String contender : results.contenders()) {
            List<Double> rounds = results.of(metric, contender);
            if (!rounds.isEmpty()) {
                contenders.put(contender, Map.of("median", Results.median(rounds), "rounds", rounds));
            }
        }
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("name", metric.name());
        row.put("unit", metric.unit());
        row.put("better", metric.better().name().toLowerCase(Locale.ROOT));
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
        head.add("blackhole ÷ HAProxy's better mode");
        text.append(row(head));
        text.append("|---|---|").append("---:|".repeat(head.size() - 2)).append('\n');
        for (Metric metric : results.metrics()) {
            List<String> cells = new ArrayList<>(List.of(metric.name(), metric.unit()));
            contenders.forEach(contender -> cells.add(cell(results.of(metric, contender))));
            cells.add(ratio(metric, median(metric, Contender.DIRECT)));
            cells.add(ratio(metric, bestRival(metric)));
            text.append(row(cells));
        }
        return text.toString();
    }

    private static String row(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |\n";
    }

    private static String cell(List<Double> rounds) {
        if (rounds.isEmpty()) {
            return "–";
        }
        String median = shortNumber(Results.median(rounds));
        if (rounds.size() == 1) {
            return median;
        }
        double least = rounds.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        double most = rounds.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        return median + " (" + shortNumber(least) + "–" + shortNumber(most) + ")";
    }

    /** Three digits, no exponent. */
    static String shortNumber(double value) {
        double size = Math.abs(value);
        return String.format(
                Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f", value);
    }

    private OptionalDouble median(Metric metric, String contender) {
        List<Double> rounds = results.of(metric, contender);
        return rounds.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Results.median(rounds));
    }

    private OptionalDouble bestRival(Metric metric) {
        List<Double> medians = results.contenders().stream()
                .filter(name -> name.startsWith(RIVAL))
                .map(name -> median(metric, name))
                .filter(OptionalDouble::isPresent)
                .map(OptionalDouble::getAsDouble)
                .sorted()
                .toList();
        if (medians.isEmpty()) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(medians.get(metric.better() == Metric.Better.MORE ? medians.size() - 1 : 0));
    }

    private String ratio(Metric metric, OptionalDouble to) {
        OptionalDouble own = median(metric, Contender.BLACKHOLE);
        return own.isPresent() && to.isPresent() && to.getAsDouble() != 0
                ? String.format(Locale.ROOT, "%.2f", own.getAsDouble() / to.getAsDouble())
                : "–";
    }
}
