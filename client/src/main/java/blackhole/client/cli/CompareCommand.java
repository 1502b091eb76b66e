package blackhole.client.cli;

import blackhole.client.compare.Comparison;
import blackhole.client.compare.ComparisonListener;
import blackhole.client.compare.ComparisonReport;
import blackhole.client.compare.NamedRun;
import blackhole.client.compare.Variant;
import blackhole.client.report.ProxyEvents;
import blackhole.client.report.RunRecord;
import blackhole.client.scenario.Probe;
import blackhole.client.scenario.ScenarioListener;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.keepalive.Times;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs several variants at the same time and prints them side by side. */
@Command(
        name = "compare",
        description = {
            "Run the scenario of 'run' with several producers at the same time: keepalive off; keepalive on; user timeout"
                    + " only; metadata refresher on; connections.max.idle.ms below the idle timeout. --variants replaces"
                    + " these.",
            ""
        },
        exitCodeList = {
            "0:every variant has its expected verdict",
            "1:a variant has a different verdict or failed to run, or the broker or topic is missing",
            "2:invalid options"
        },
        footer = {
            ScenarioCommand.DURATIONS,
            "",
            "Expected verdicts, behind a middlebox that drops the packets of expired flows:",
            "  keepalive off      STALLED    nothing keeps the flow alive",
            "  keepalive on       IMMEDIATE  keepalive probes keep every flow alive",
            "  user timeout only  RECOVERED  the kernel ends the connection first",
            "  refresher          any        each refresh uses one random connection",
            "  max idle           IMMEDIATE  the probe uses a new connection",
            "",
            "The --variants file is YAML: for each variant socket and refresher options of",
            "'run', 'about', 'expect', and settings of Kafka's producer under 'kafka':",
            "  as it is:",
            "    expect: STALLED",
            "  the fix:",
            "    about: keepalive and user timeout",
            "    keepalive: on",
            "    keepalive-idle: 37s",
            "    keepalive-interval: 9s",
            "    keepalive-count: 3",
            "    user-timeout: 20s",
            "    expect: IMMEDIATE",
            "  one wait:",
            "    kafka:",
            "      metadata.recovery.strategy: none",
            "Also: refresher: on, refresher-every: 10s.",
            "",
            "Environment or --env-file: host, port, key, secret and topic, as for 'run'.",
            "",
            "Examples (a proxy listens on 127.0.0.1:19092, which the broker advertises):",
            "  The proxy has --idle-timeout 300s:",
            "    java -jar blackhole-client.jar compare --bootstrap-server 127.0.0.1:19092 \\",
            "      --topic demo --create-topic 1 --report compare.html",
            "  In seconds, with --idle-timeout 3s:",
            "    java -jar blackhole-client.jar compare --bootstrap-server 127.0.0.1:19092 \\",
            "      --topic demo --box-idle-timeout 3s --request-timeout 6s"
        })
final class CompareCommand extends ScenarioCommand<ComparisonReport> {

    private static final Logger LOG = LoggerFactory.getLogger(CompareCommand.class);

    @Option(
            names = "--box-idle-timeout",
            paramLabel = "DURATION",
            defaultValue = "300s",
            description = "Scale the default variants' timers to the middlebox's idle timeout, at least 3s (default:"
                    + " ${DEFAULT-VALUE}): keepalive after an eighth of it, a user timeout of a fifteenth (at least 2s),"
                    + " a refresh every two sevenths (at most 10s), connections closed after half of it. The 'max idle'"
                    + " variant uses its own --request-timeout: a sixth, from 750ms to 30s.")
    private Duration boxIdleTimeout = Duration.ZERO;

    @Option(
            names = "--idle",
            paramLabel = "DURATION",
            description = "Idle time (default: 1.4 times --box-idle-timeout, but at least 2s longer than it).")
    private @Nullable Duration idle;

    @Option(
            names = "--variants",
            paramLabel = "FILE",
            description = "Compare the variants in this file instead of the default five; see below.")
    private @Nullable Path variants;

    private List<Variant> selected = List.of();

    @Override
    ScenarioSettings settings(ScenarioSettings.Builder builder, Environment environment) {
        selected = variants == null ? Variant.defaults(boxIdleTimeout) : VariantsFile.read(variants);
        Duration least = boxIdleTimeout.plusSeconds(2);
        Duration scaled = boxIdleTimeout.multipliedBy(7).dividedBy(5);
        Duration longEnough = scaled.compareTo(least) >= 0 ? scaled : least;
        ScenarioSettings base = builder.idle(idle == null ? longEnough : idle).build();
        selected.forEach(variant -> variant.over(base));
        return base;
    }

    @Override
    ComparisonReport run(ScenarioSettings base, PrintStream lines) throws InterruptedException {
        tooClose(base.idle(), boxIdleTimeout).ifPresent(LOG::warn);
        LOG.atInfo()
                .setMessage("comparison")
                .addKeyValue("variants", selected.size())
                .addKeyValue("idle", Times.text(base.idle()))
                .log();
        return Comparison.run(selected, base, new Lines(lines));
    }

    @Override
    ComparisonReport withProxyEvents(ComparisonReport report, ProxyEvents proxy) throws InterruptedException {
        List<NamedRun> merged = new ArrayList<>();
        for (NamedRun variant : report.variants()) {
            merged.add(variant.run() != null ? variant.with(proxy.addTo(variant.run())) : variant);
        }
        return new ComparisonReport(report.elapsed(), merged);
    }

    @Override
    String html(ComparisonReport report) {
        return report.html();
    }

    @Override
    boolean isAsExpected(ComparisonReport report) {
        return report.isAsExpected();
    }

    @Override
    void print(ComparisonReport report, PrintStream lines) {
        int width = report.variants().stream()
                .mapToInt(variant -> variant.name().length())
                .max()
                .orElse(0);
        lines.println();
        String item = " ".repeat(width) + "  - ";
        for (NamedRun variant : report.variants()) {
            lines.printf("%-" + width + "s  %s%n", variant.name(), result(variant));
            if (variant.run() != null) {
                variant.run().diagnosis().explanation().forEach(text -> lines.println(item + text));
            }
            lines.println(item + variant.expected());
        }
        lines.println("all together took " + Times.text(report.elapsed()));
    }

    private static String result(NamedRun variant) {
        String prefix = variant.isAsExpected() ? "" : "not as expected: ";
        RunRecord run = variant.run();
        return run == null
                ? "failed to run     " + prefix + variant.failure()
                : String.format(
                        "%-9s %6s  %s%s",
                        run.report().verdict(),
                        Times.text(run.report().slowest()),
                        prefix,
                        run.diagnosis().summary());
    }

    /** Prints each result as it comes in. */
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
            if (result.failure() != null) {
                lines.println(variant.name() + ": failed to run: " + result.failure());
            }
        }
    }
}
