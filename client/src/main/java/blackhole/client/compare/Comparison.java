package blackhole.client.compare;

import blackhole.client.report.RunRecord;
import blackhole.client.scenario.Scenario;
import blackhole.client.scenario.ScenarioException;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.ScenarioSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Runs several variants of a scenario at the same time, each with its own producer, against the same bootstrap server and
 * topic.
 */
public final class Comparison {

    private Comparison() {}

    /**
     * Runs all variants and returns when the last is done. One that fails to run does not stop the others.
     *
     * @param variants at least one, with unique names
     * @param base settings that they share
     * @param listener receives their progress
     * @throws ScenarioException if the settings of a variant are rejected, or the broker or topic is missing
     * @throws InterruptedException if this thread is interrupted; all variants are then interrupted
     */
    public static ComparisonReport run(List<Variant> variants, ScenarioSettings base, ComparisonListener listener)
            throws InterruptedException {
        variants.forEach(variant -> variant.over(base));
        long start = System.nanoTime();
        int partitions = Scenario.prepare(base);
        ExecutorService threads = Executors.newFixedThreadPool(variants.size());
        try {
            List<NamedRun> results = new ArrayList<>();
            List<Callable<NamedRun>> runs = variants.stream()
                    .<Callable<NamedRun>>map(variant -> () -> run(variant, base, partitions, listener))
                    .toList();
            for (Future<NamedRun> run : threads.invokeAll(runs)) {
                results.add(run.get());
            }
            return new ComparisonReport(Duration.ofNanos(System.nanoTime() - start), results);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a variant failed", e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    private static NamedRun run(Variant variant, ScenarioSettings base, int partitions, ComparisonListener listener)
            throws InterruptedException {
        Thread.currentThread().setName("variant " + variant.name());
        RunRecord run = null;
        String failure = null;
        try {
            ScenarioReport report = Scenario.run(variant.over(base), partitions, listener.listener(variant));
            run = RunRecord.of(variant.name(), report);
        } catch (ScenarioException e) {
            failure = e.getMessage();
        }
        NamedRun result = new NamedRun(variant.name(), variant.about(), variant.expected(), run, failure);
        listener.done(variant, result);
        return result;
    }
}
