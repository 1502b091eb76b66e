package blackhole.client.compare;

import blackhole.client.report.RunRecord;
import blackhole.client.scenario.Scenario;
import blackhole.client.scenario.ScenarioException;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.ScenarioSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Plays several variants of a scenario at the same time, each with a producer of its own against the same bootstrap server
 * and topic, so that the idle time is waited for once.
 */
public final class Comparison {

    private Comparison() {}

    /**
     * Plays all variants and returns when the last is done. One that can't be played does not stop the others.
     *
     * @param variants at least one, each with another name
     * @param base what they have in common
     * @param listener hears of their progress
     * @throws ScenarioException if no variant is given, two have one name, the settings of one are refused, or there
     *     is no such broker or topic
     * @throws InterruptedException if this thread is interrupted; the variants are then interrupted too
     */
    public static ComparisonReport run(List<Variant> variants, ScenarioSettings base, ComparisonListener listener)
            throws InterruptedException {
        requireNames(variants);
        List<ScenarioSettings> settings =
                variants.stream().map(variant -> variant.over(base)).toList();
        long start = System.nanoTime();
        OptionalInt partitions = OptionalInt.of(Scenario.prepare(base));
        ExecutorService threads = Executors.newFixedThreadPool(variants.size());
        try {
            List<Future<NamedRun>> futures = new ArrayList<>();
            for (int i = 0; i < variants.size(); i++) {
                Variant variant = variants.get(i);
                ScenarioSettings ofVariant = settings.get(i);
                futures.add(threads.submit(() -> {
                    Thread.currentThread().setName("variant " + variant.name());
                    NamedRun result = play(variant, ofVariant, partitions, listener);
                    listener.done(variant, result);
                    return result;
                }));
            }
            List<NamedRun> results = new ArrayList<>();
            for (Future<NamedRun> future : futures) {
                results.add(future.get());
            }
            return new ComparisonReport(results, Duration.ofNanos(System.nanoTime() - start));
        } catch (ExecutionException e) {
            throw new IllegalStateException("a variant failed", e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    private static NamedRun play(
            Variant variant, ScenarioSettings settings, OptionalInt partitions, ComparisonListener listener)
            throws InterruptedException {
        Optional<RunRecord> run = Optional.empty();
        Optional<String> failure = Optional.empty();
        Expected expected = variant.expectation().ahead();
        try {
            ScenarioReport report = Scenario.run(settings, partitions, listener.listener(variant));
            run = Optional.of(RunRecord.of(variant.name(), report));
            expected = variant.expectation().of(report);
        } catch (ScenarioException e) {
            failure = Optional.of(String.valueOf(e.getMessage()));
        }
        return new NamedRun(variant.name(), variant.about(), expected, run, failure);
    }

    private static void requireNames(List<Variant> variants) {
        if (variants.isEmpty()) {
            throw new ScenarioException("--variants: there is none to compare");
        }
        Set<String> names = new HashSet<>();
        for (Variant variant : variants) {
            if (!names.add(variant.name())) {
                throw new ScenarioException("--variants: two are named \"" + variant.name() + "\"");
            }
        }
    }
}
