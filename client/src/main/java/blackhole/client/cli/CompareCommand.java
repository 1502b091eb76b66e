package blackhole.client.cli;

import blackhole.client.compare.Comparison;
import blackhole.client.compare.ComparisonListener;
import blackhole.client.compare.ComparisonReport;
import blackhole.client.compare.NamedRun;
import blackhole.client.compare.Variant;
import blackhole.client.compare.VariantsFile;
import blackhole.client.evidence.Times;
import blackhole.client.report.HtmlReport;
import blackhole.client.report.JsonReport;
import blackhole.client.report.ProxyEvents;
import blackhole.client.scenario.Probe;
import blackhole.client.scenario.Round;
import blackhole.client.scenario.ScenarioException;
import blackhole.client.scenario.ScenarioListener;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.ScenarioSettings;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Plays several variants at the same time and prints them side by side. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        versionProvider = ClientVersion.class,
        sortOptions = false,
        description = {
            "Plays the scenario of 'run' with several producers at the same time, so that the idle time is waited for"
                    + " once: keepalive off; keepalive on; user timeout only; metadata refresher on;"
                    + " connections.max.idle.ms below the idle timeout. Or with those of a file."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every variant was played and has the verdict expected of it",
            "1:one has another, or could not be played, or there is no broker or topic",
            "2:the command line or the file of --variants is wrong"
        },
        footerHeading = "%n",
        footer = {
            "What is expected, behind a middlebox that expires in silence and is slower than",
            "the timers, and why:",
            "  keepalive off      STALLED    nothing keeps the flow",
            "  keepalive on       IMMEDIATE  keepalive probes keep every flow",
            "  user timeout only  RECOVERED  the kernel ends the connection first",
            "  refresher          IMMEDIATE  if the producer holds one connection to a",
            "                                broker: every metadata request uses it",
            "                     with several, each request takes one by chance: STALLED",
            "                     if a connection that is probed was silent for the idle",
            "                     timeout, by the kernel's count of segments, IMMEDIATE if",
            "                     none was, and nothing if that is too close to tell",
            "  max idle           IMMEDIATE  the probe makes a new connection",
            "",
            "The file of --variants has a section for each, '#' for comments; settings are those",
            "of 'run', about, expect, and any of Kafka's producer:",
            "  [as it is]",
            "  expect = STALLED",
            "  [the fix]",
            "  about = keepalive and user timeout",
            "  keepalive = on",
            "  keepalive-idle = 37s",
            "  keepalive-interval = 9s",
            "  keepalive-count = 3",
            "  user-timeout = 20s",
            "  expect = IMMEDIATE",
            "  [impatient]",
            "  metadata.recovery.strategy = none",
            "Also: refresher = on, refresher-every = 10s.",
            "",
            "Of the environment, or --env-file: host, port, key, secret and topic, as in 'run'.",
            "",
            "Examples: (a proxy listens on 127.0.0.1:19092, and the broker advertises that)",
            "  When the proxy has --idle-timeout 300s:",
            "    java -jar blackhole-client.jar compare --bootstrap-server 127.0.0.1:19092 \\",
            "      --topic demo --create-topic 1 --report compare.html",
            "  In seconds, when it has --idle-timeout 3s:",
            "    java -jar blackhole-client.jar compare --bootstrap-server 127.0.0.1:19092 \\",
            "      --topic demo --box-idle-timeout 3s --request-timeout 6s"
        })
final class CompareCommand implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(CompareCommand.class);

    @Spec
    private CommandSpec spec;

    @Mixin
    private ScenarioFlags scenarioFlags = new ScenarioFlags();

    @Option(
            names = "--box-idle-timeout",
            paramLabel = "TIME",
            defaultValue = "300s",
            converter = Durations.class,
            description =
                    "The middlebox's idle timeout, at least 3s. Timers of the variants that come without a file are"
                            + " scaled to it: keepalive after an eighth of it, a user timeout of a fifteenth (at least 2s), a"
                            + " refresh after two sevenths (at most 10s), connections closed after half of it, for which"
                            + " 'max idle' has a request.timeout.ms of its own: a sixth, from 750ms to 30s."
                            + " Default: ${DEFAULT-VALUE}")
    private Duration boxIdleTimeout = Duration.ZERO;

    @Option(
            names = "--idle",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "How long nothing is sent. Default: 1.4 times --box-idle-timeout and 2s more at least")
    private @Nullable Duration idle;

    @Option(
            names = "--variants",
            paramLabel = "FILE",
            description = "The variants to compare, in place of those five; see below.")
    private @Nullable Path variants;

    @Mixin
    private ProducerFlags producerFlags = new ProducerFlags();

    @Mixin
    private ReportFlags reportFlags = new ReportFlags();

    @Override
    public Integer call() throws InterruptedException {
        List<Variant> toPlay = variants();
        ScenarioSettings base = settings(toPlay);
        PrintStream lines = reportFlags.lines();
        try {
            ComparisonReport report = play(toPlay, base, lines);
            if (reportFlags.json()) {
                System.out.println(JsonReport.of(report.variants(), report.elapsed()));
            } else {
                print(report, lines);
            }
            reportFlags.write(() -> HtmlReport.of(report.variants(), report.elapsed()));
            return report.asExpected() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        } catch (ScenarioException e) {
            return scenarioFlags.failed(e);
        }
    }

    private ComparisonReport play(List<Variant> toPlay, ScenarioSettings base, PrintStream lines)
            throws InterruptedException {
        Optional<ProxyEvents> proxy = reportFlags.listen();
        try {
            LOG.atInfo()
                    .setMessage("comparison")
                    .addKeyValue("variants", toPlay.size())
                    .addKeyValue("idle", Times.text(base.idle()))
                    .log();
            ComparisonReport report = Comparison.run(toPlay, base, new Lines(lines));
            if (proxy.isEmpty()) {
                return report;
            }
            List<NamedRun> heard = new ArrayList<>();
            for (NamedRun variant : report.variants()) {
                heard.add(
                        variant.run().isPresent()
                                ? variant.with(proxy.get().addTo(variant.run().get()))
                                : variant);
            }
            return new ComparisonReport(heard, report.elapsed());
        } finally {
            proxy.ifPresent(ProxyEvents::close);
        }
    }

    private List<Variant> variants() {
        try {
            return variants == null ? Variant.defaults(boxIdleTimeout) : VariantsFile.read(variants, Durations::parse);
        } catch (ScenarioException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private ScenarioSettings settings(List<Variant> toPlay) {
        return scenarioFlags.settings(producerFlags, (builder, environment) -> {
            reportFlags.check();
            ScenarioSettings base = builder.idle(idle == null ? longEnough(boxIdleTimeout) : idle)
                    .build();
            toPlay.forEach(variant -> variant.over(base));
            return base;
        });
    }

    private static Duration longEnough(Duration box) {
        Duration scaled = box.multipliedBy(7).dividedBy(5);
        Duration least = box.plusSeconds(2);
        return scaled.compareTo(least) >= 0 ? scaled : least;
    }

    private static void print(ComparisonReport report, PrintStream lines) {
        int width = report.variants().stream()
                .mapToInt(variant -> variant.name().length())
                .max()
                .orElse(0);
        lines.println();
        for (NamedRun variant : report.variants()) {
            String name = variant.name() + " ".repeat(width - variant.name().length());
            String verdict = variant.run()
                    .map(run -> String.format("%-9s %6s", run.report().verdict(), Times.text(slowest(run.report()))))
                    .orElse("not played      ");
            lines.println(name + "  " + verdict + "  " + (variant.asExpected() ? "" : "not as expected: ")
                    + variant.run()
                            .map(run -> run.diagnosis().summary())
                            .or(variant::failure)
                            .orElse(""));
            String item = " ".repeat(width) + "  - ";
            variant.run()
                    .ifPresent(
                            run -> run.diagnosis().explanation().forEach(sentence -> lines.println(item + sentence)));
            lines.println(item + variant.expected());
        }
        lines.println("all together took " + Times.text(report.elapsed()));
    }

    private static Duration slowest(ScenarioReport report) {
        return report.rounds().stream()
                .map(Round::slowest)
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
    }

    /** A line for each result as it comes. */
    private record Lines(PrintStream lines) implements ComparisonListener {

        @Override
        public ScenarioListener listener(Variant variant) {
            return new ScenarioListener() {
                @Override
                public void warning(String line) {
                    LOG.atWarn().setMessage(variant.name() + ": " + line).log();
                }

                @Override
                public void probeDone(Probe probe) {
                    lines.println(variant.name() + ": partition " + probe.partition() + "  " + probe.verdict() + " "
                            + Times.text(probe.elapsed()));
                }
            };
        }

        @Override
        public void done(Variant variant, NamedRun result) {
            result.failure().ifPresent(failure -> lines.println(variant.name() + ": not played: " + failure));
        }
    }
}
