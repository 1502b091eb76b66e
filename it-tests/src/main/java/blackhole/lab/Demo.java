package blackhole.lab;

import blackhole.client.compare.Comparison;
import blackhole.client.compare.ComparisonReport;
import blackhole.client.compare.Variant;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.middlebox.config.Endpoint;
import blackhole.proxy.cli.UntilSignal;
import blackhole.proxy.http.AdminServer;
import blackhole.proxy.recording.Recorder;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The incident and its two fixes on one machine in under a minute: a broker, a proxy that expires flows after 3 s, and
 * three producers behind it that are idle for 5 s at the same time. Run by {@code mvn -Pdemo}.
 */
@Command(name = "demo", description = "Plays the incident and its two fixes.", mixinStandardHelpOptions = true)
public final class Demo implements Callable<Integer> {
    static final Duration IDLE_TIMEOUT = Duration.ofSeconds(3);
    static final Duration IDLE = Duration.ofSeconds(5);
    static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

    private static final String TOPIC = "demo";

    @Parameters(paramLabel = "DIRECTORY", description = "Directory for the report and the recording.")
    private Path directory;

    @Option(
            names = "--hold",
            arity = "0..1",
            fallbackValue = "true",
            description = "Keep the live page open after the demo, until Ctrl-C.")
    private boolean hold;

    private Demo() {}

    /** Exits with 0 if the three verdicts are as expected, with 1 if not, and with 2 for invalid options. */
    public static void main(String[] arguments) {
        // Maven starts this JVM, and leaves it behind when it is killed.
        ProcessHandle.current().parent().ifPresent(maven -> maven.onExit()
                .thenRun(() -> System.exit(ExitCode.SOFTWARE)));
        System.exit(new CommandLine(new Demo()).execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Path reportFile = directory.resolve("demo-report.html");
        Path recording = directory.resolve("demo-recording.jsonl");
        // Keepalive off, keepalive on, user timeout only.
        List<Variant> variants = Variant.defaults(IDLE_TIMEOUT).subList(0, 3);
        DemoStory story = new DemoStory(out, variants);
        ExecutorService printer = Executors.newSingleThreadExecutor();
        Files.deleteIfExists(recording);
        try (Lab lab = Lab.builder()
                        .idleTimeout(IDLE_TIMEOUT)
                        .proxy(proxy -> proxy.listener(event -> printer.execute(() -> story.onEvent(event))))
                        .start();
                AdminServer page = AdminServer.start(lab.proxy().proxy(), new Endpoint("127.0.0.1", 0), null)) {
            Recorder recorder = Recorder.start(lab.proxy().proxy(), page.labels(), recording);
            lab.topics().create(TOPIC, 1);
            story.started(lab, page);
            ScenarioSettings settings = ScenarioSettings.builder(lab.bootstrap(), TOPIC)
                    .burstSize(20)
                    .idle(IDLE)
                    .requestTimeout(REQUEST_TIMEOUT)
                    .build();
            ComparisonReport report = Comparison.run(variants, settings, story);
            story.conclude(report, lab.proxy());
            Files.writeString(reportFile, report.html());
            recorder.close();
            story.outputFiles(reportFile, recording);
            int exitCode = report.isAsExpected() ? ExitCode.OK : ExitCode.SOFTWARE;
            if (hold) {
                story.holding(page);
                UntilSignal.run(exitCode, lab::close);
            }
            story.finished();
            return exitCode;
        } finally {
            printer.shutdown();
        }
    }
}
