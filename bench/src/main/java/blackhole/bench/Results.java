package blackhole.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** All figures: of each metric, for each contender, one a round. Not thread-safe. */
final class Results {
    private final Map<Metric, Map<String, List<Double>>> figures = new LinkedHashMap<>();

    Measure.Recorder recorder(String contender) {
        return (metric, value) -> figures.computeIfAbsent(metric, m -> new LinkedHashMap<>())
                .computeIfAbsent(contender, c -> new ArrayList<>())
                .add(value);
    }

    Set<Metric> metrics() {
        return figures.keySet();
    }

    /** Contenders in the order in which they were first measured. */
    List<String> contenders() {
        Set<String> names = new LinkedHashSet<>();
        figures.values().forEach(row -> names.addAll(row.keySet()));
        return List.copyOf(names);
    }

    /** One a round; empty when the contender was not measured. */
    List<Double> of(Metric metric, String contender) {
        return figures.getOrDefault(metric, Map.of()).getOrDefault(contender, List.of());
    }

    /** Empty when the contender was not measured. */
    OptionalDouble median(Metric metric, String contender) {
        List<Double> sorted = of(metric, contender).stream().sorted().toList();
        return sorted.stream()
                .mapToDouble(Double::doubleValue)
                .skip((sorted.size() - 1) / 2)
                .limit(2 - sorted.size() % 2)
                .average();
    }
}
