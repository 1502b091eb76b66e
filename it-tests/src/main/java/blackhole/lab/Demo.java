package blackhole.lab;

import blackhole.client.compare.Comparison;
import blackhole.client.compare.ComparisonReport;
import blackhole.client.compare.Variant;
import blackhole.client.report.HtmlReport;
import blackhole.client.scenario.ScenarioSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The incident and its two fixes on one machine in under a minute: a broker, a proxy that forgets flows after 3 s, and
 * three producers behind it that fall silent for 5 s at the same time. Run by {@code mvn -Pdemo}.
 */
public final class Demo {
    static final Duration IDLE_TIMEOUT = Duration.ofSeconds(3);
    static final Duration IDLE = Duration.ofSeconds(5);
    static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

    private static final String TOPIC = "demo";

    private Demo() {}

    /**
     * Exits with 0 when the three verdicts are as expected, and with 1 otherwise.
     *
     * @param arguments the file that the report is to be written to, and {@code --hold} to keep the live page open until
     *     the process is ended
     */
    public static void main(String[] arguments) throws InterruptedException, IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        boolean hold = List.of(arguments).contains("--hold");
        System.exit(play(out, Path.of(arguments[0]), hold) ? 0 : 1);
    }

    private static boolean play(PrintStream out, Path reportFile, boolean hold)
            throws InterruptedException, IOException {
        // Keepalive off, keepalive on, user timeout only.
        List<Variant> variants = Variant.defaults(IDLE_TIMEOUT).subList(0, 3);
        DemoStory story = new DemoStory(out);
        story.introduce(variants);
        ExecutorService printer = Executors.newSingleThreadExecutor();
        try (Lab lab = Lab.builder()
                        .idleTimeout(IDLE_TIMEOUT)
                        .proxy(proxy -> proxy.listener(event -> printer.execute(() -> story.onEvent(event))))
                        .start();
                DemoPage page = new DemoPage(lab.proxy().proxy())) {
            lab.topics().create(TOPIC, 1);
            story.started(lab, page);
            ScenarioSettings settings = ScenarioSettings.builder(lab.bootstrap(), TOPIC)
                    .burstSize(20)
                    .idle(IDLE)
                    .requestTimeout(REQUEST_TIMEOUT)
                    .build();
            ComparisonReport report = Comparison.run(variants, settings, story);
            story.conclude(report.variants().stream()
                    .map(run -> DemoOutcome.of(run, lab.proxy()))
                    .toList());
            Files.writeString(reportFile, HtmlReport.of(report.variants(), report.elapsed()));
            story.told(reportFile);
            if (hold) {
                story.holding(page);
                new CountDownLatch(1).await();
            }
            return report.asExpected();
        } finally {
            printer.shutdown();
        }
    }
}
