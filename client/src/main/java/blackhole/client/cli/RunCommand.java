package blackhole.client.cli;

import blackhole.client.report.Diagnosis;
import blackhole.client.report.HtmlReport;
import blackhole.client.report.ProxyEvents;
import blackhole.client.report.RunRecord;
import blackhole.client.scenario.Scenario;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import java.io.PrintStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the scenario once and prints what happened. */
@Command(
        name = "run",
        description = {
            "Run burst, idle, probe with an unmodified Kafka producer: a burst of messages to random partitions, an idle"
                    + " time, then one timed message to each partition, one after the other.",
            ""
        },
        exitCodeList = {
            "0:every round has the verdict of --expect; without --expect, no message was lost",
            "1:a different verdict, a lost message, or no broker or topic",
            "2:invalid options"
        },
        footer = {
            ScenarioCommand.DURATIONS,
            "",
            "Verdicts, each with the time from before send() to the acknowledgement:",
            "  IMMEDIATE  acknowledged in under 1s",
            "  DELAYED    acknowledged later, on an existing connection",
            "  RECOVERED  acknowledged later, on a new connection, after the kernel or the",
            "             peer ended the old one",
            "  STALLED    acknowledged only after the producer gave up on a connection at its",
            "             request timeout",
            "  LOST       not delivered",
            "A round's verdict is that of its worst probe.",
            "",
            "A stall lasts about two request timeouts: after giving up on the connection to",
            "the broker, kafka-clients requests metadata on its bootstrap connection, which",
            "has also expired, and waits again. In the same way, the user timeout may have",
            "to elapse twice. To wait only once, set metadata.recovery.strategy=none in",
            "--command-config.",
            "",
            "Environment (options override it, and --env-file overrides the process's own):",
            "  CC_BOOTSTRAP_HOST   for --bootstrap-server: only the host",
            "  KAFKA_CLUSTER_PORT  and its port (default: 9092)",
            "  CC_API_KEY, CC_API_SECRET",
            "                      both: security.protocol=SASL_SSL with PLAIN, unless",
            "                      --command-config overrides it; neither: no security",
            "  CC_TOPIC            for --topic",
            "  BURST_SIZE          for --burst-size (default: 50)",
            "  IDLE_SECS           for --idle, in seconds (default: 420)",
            "  REPEATS             for --repeats (default: 1)",
            "  ENABLE_REFRESHER    for --refresher: true or false (default: true when",
            "                      CC_BOOTSTRAP_HOST is used, otherwise false); brod's",
            "                      refresher keeps only its metadata connection alive",
            "",
            "Examples (a proxy listens on 127.0.0.1:19092, which the broker advertises):",
            "  The stall, if the proxy expires flows after 5 minutes:",
            "    java -jar blackhole-client.jar run --bootstrap-server 127.0.0.1:19092 \\",
            "      --topic demo --create-topic 3 --idle 7m",
            "  The same in seconds, if it has --idle-timeout 3s:",
            "    java -jar blackhole-client.jar run --bootstrap-server 127.0.0.1:19092 \\",
            "      --topic demo --idle 5s --request-timeout 6s --expect STALLED",
            "  Fixed by keepalive:",
            "    java -jar blackhole-client.jar run --bootstrap-server 127.0.0.1:19092 \\",
            "      --topic demo --idle 7m --keepalive on --keepalive-idle 37s \\",
            "      --keepalive-interval 9s --keepalive-count 3 --expect IMMEDIATE",
            "  Limited by the user timeout alone:",
            "    java -jar blackhole-client.jar run --bootstrap-server 127.0.0.1:19092 \\",
            "      --topic demo --idle 7m --user-timeout 20s --expect RECOVERED",
            "  A SASL_SSL cluster, the result as JSON:",
            "    java -jar blackhole-client.jar run --bootstrap-server proxy:9092 \\",
            "      --topic demo --command-config client.properties --output json",
            "  Everything from a .env file with the variables above:",
            "    java -jar blackhole-client.jar run --env-file .env"
        })
final class RunCommand extends ScenarioCommand<RunRecord> {

    private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

    @Option(
            names = "--idle",
            paramLabel = "DURATION",
            description = "Idle time; must exceed the middlebox's idle timeout (default: 420s).")
    private @Nullable Duration idle;

    @Option(
            names = "--box-idle-timeout",
            paramLabel = "DURATION",
            defaultValue = "300s",
            description =
                    "The middlebox's idle timeout; used only to warn if the idle time is within 5%% of it (default:"
                            + " ${DEFAULT-VALUE}).")
    private Duration boxIdleTimeout = Duration.ZERO;

    @Option(
            names = "--pause",
            paramLabel = "DURATION",
            defaultValue = "5s",
            description = "Pause between rounds; if it exceeds the middlebox's idle timeout, the next burst stalls"
                    + " (default: ${DEFAULT-VALUE}).")
    private Duration pause = Duration.ZERO;

    @Option(
            names = "--refresher",
            negatable = true,
            description =
                    "Request metadata every --refresher-every (metadata.max.age.ms). Each request uses one connection,"
                            + " which kafka-clients chooses at random among those to known brokers, never the bootstrap"
                            + " connection. Without this, metadata.max.age.ms is raised above the length of the run unless"
                            + " --command-config sets it.")
    private @Nullable Boolean refresher;

    @Option(
            names = "--refresher-every",
            paramLabel = "DURATION",
            defaultValue = "10s",
            description = "Request metadata this often with --refresher (default: ${DEFAULT-VALUE}).")
    private Duration refresherEvery = Duration.ZERO;

    @Mixin
    private SocketFlags socketFlags = new SocketFlags();

    @Option(
            names = "--watch",
            description =
                    "Show the producer's sockets in place while it runs, like 'watch ss'. If standard output is not a"
                            + " terminal, or --output is json, the tables are printed one after the other as usual.")
    private boolean watch;

    @Option(
            names = "--expect",
            paramLabel = "VERDICT",
            description = "Exit with 1 unless every round has this verdict: ${COMPLETION-CANDIDATES}.")
    private @Nullable Verdict expect;

    @Override
    ScenarioSettings settings(ScenarioSettings.Builder builder, Environment environment) {
        sizesFrom(environment, builder);
        return builder.idle(idle != null ? idle : environment.idle().orElse(Duration.ofMinutes(7)))
                .pause(pause)
                .refresher(
                        refresher != null ? refresher : environment.refresher().orElse(bootstrapServer == null))
                .refresherEvery(refresherEvery)
                .socketOptions(socketFlags.options())
                .build();
    }

    @Override
    @SuppressWarnings("ClosingStandardOutputStreams") // The view restores the terminal and closes no stream.
    RunRecord run(ScenarioSettings settings, PrintStream lines) throws InterruptedException {
        tooClose(settings.idle(), boxIdleTimeout).ifPresent(LOG::warn);
        if (settings.refresher() && refresher == null) {
            LOG.info("the refresher is on, as in the incident; brod's differs: it keeps only its metadata"
                    + " connection alive, kafka-clients requests metadata on any connection to a known broker");
        }
        if (socketFlags.hasUselessTimers()) {
            LOG.warn("the keepalive timers have no effect while keepalive is off; add --keepalive on");
        }
        Story story = new Story(lines);
        if (watch && !reportFlags.isJson() && WatchView.isPossible()) {
            try (WatchView view = new WatchView(System.out, story)) {
                return RunRecord.of("run", Scenario.run(settings, view));
            }
        }
        return RunRecord.of("run", Scenario.run(settings, story));
    }

    @Override
    RunRecord withProxyEvents(RunRecord run, ProxyEvents proxy) throws InterruptedException {
        return proxy.addTo(run);
    }

    @Override
    void print(RunRecord run, PrintStream lines) {
        Diagnosis diagnosis = run.diagnosis();
        lines.println(diagnosis.summary());
        diagnosis.explanation().forEach(sentence -> lines.println("  - " + sentence));
        if (!diagnosis.advice().isEmpty()) {
            lines.println("What to change:");
            diagnosis.advice().forEach(sentence -> lines.println("  - " + sentence));
        }
    }

    @Override
    String html(RunRecord run) {
        return HtmlReport.of(run);
    }

    @Override
    boolean isAsExpected(RunRecord run) {
        ScenarioReport report = run.report();
        if (expect == null) {
            return report.verdict() != Verdict.LOST;
        }
        boolean met = report.rounds().stream().allMatch(round -> round.verdict() == expect);
        if (!met) {
            spec.commandLine()
                    .getErr()
                    .println("blackhole-client: --expect " + expect + " was not met: the verdict is "
                            + report.verdict());
        }
        return met;
    }
}
