package blackhole.client.cli;

import blackhole.client.report.JsonReport;
import blackhole.client.report.ProxyEvents;
import blackhole.client.scenario.ScenarioException;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.keepalive.Times;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

/**
 * A command that runs the scenario: broker, topic and messages, and what is done with the result.
 *
 * @param <R> the result, which {@link JsonReport} can write
 */
@Command(
        mixinStandardHelpOptions = true,
        versionProvider = ClientVersion.class,
        sortOptions = false,
        abbreviateSynopsis = true,
        exitCodeListHeading = "%nExit codes:%n",
        footerHeading = "%n")
abstract class ScenarioCommand<R> implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(ScenarioCommand.class);

    static final String DURATIONS = "Durations: 1500ms, 37s, 5m, 2h or ISO 8601 (PT5M).";

    private static final int CLOSE_PERCENT = 5;

    private static final String CREDENTIALS = "sasl.jaas.config";

    @Spec
    CommandSpec spec;

    private boolean credentialsFromEnvironment;

    @Option(names = "--env-file", paramLabel = "FILE", description = "Read the variables below from this .env file.")
    private @Nullable Path envFile;

    @Option(
            names = "--bootstrap-server",
            paramLabel = "HOST:PORT",
            description =
                    "Connect to the proxy at this address (or directly to the broker, for comparison); the broker must advertise it."
                            + " Required unless CC_BOOTSTRAP_HOST is in the environment.")
    @Nullable
    String bootstrapServer;

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            description = "Send the messages to this topic. Required unless CC_TOPIC is in the environment.")
    private @Nullable String topic;

    @Option(
            names = "--create-topic",
            paramLabel = "PARTITIONS",
            description = "Create the topic if it does not exist; otherwise a missing topic is an error.")
    private @Nullable Integer createTopic;

    @Option(
            names = "--burst-size",
            paramLabel = "N",
            description = "Send this many messages per producer before the idle time (default: 50).")
    private @Nullable Integer burstSize;

    @Option(names = "--repeats", paramLabel = "N", description = "Run this many rounds (default: 1).")
    private @Nullable Integer repeats;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description =
                    "Seed each producer's choice of partitions, to repeat a run; shown in log and report (default:"
                            + " random).")
    private @Nullable Long seed;

    @Mixin
    private ProducerFlags producerFlags = new ProducerFlags();

    @Mixin
    ReportFlags reportFlags = new ReportFlags();

    /** Adds the command's own options, and those from the environment, and builds the settings. */
    abstract ScenarioSettings settings(ScenarioSettings.Builder builder, Environment environment);

    abstract R run(ScenarioSettings settings, PrintStream lines) throws InterruptedException;

    abstract R withProxyEvents(R result, ProxyEvents proxy) throws InterruptedException;

    abstract void print(R result, PrintStream lines);

    abstract String html(R result);

    abstract boolean isAsExpected(R result);

    @Override
    public final Integer call() throws InterruptedException {
        ScenarioSettings settings = settings();
        try {
            R result = run(settings);
            if (reportFlags.isJson()) {
                System.out.println(JsonReport.of(result));
            } else {
                print(result, reportFlags.lines());
            }
            reportFlags.write(() -> html(result));
            return isAsExpected(result) ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        } catch (ScenarioException e) {
            spec.commandLine().getErr().println("blackhole-client: " + ClientMain.oneLine(message(e)));
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    private R run(ScenarioSettings settings) throws InterruptedException {
        Optional<ProxyEvents> proxy = reportFlags.listen();
        try {
            R result = run(settings, reportFlags.lines());
            return proxy.isPresent() ? withProxyEvents(result, proxy.get()) : result;
        } finally {
            proxy.ifPresent(ProxyEvents::close);
        }
    }

    /** @throws ParameterException if something is missing or wrong */
    private ScenarioSettings settings() {
        try {
            Environment environment = environment();
            ScenarioSettings.Builder builder = builder(environment, producerFlags.properties());
            reportFlags.check();
            return settings(builder, environment);
        } catch (ScenarioException e) {
            throw new ParameterException(spec.commandLine(), message(e), e);
        }
    }

    private Environment environment() {
        Map<String, String> values = new HashMap<>(System.getenv());
        if (envFile != null) {
            values.putAll(EnvFile.read(envFile));
        }
        return new Environment(values);
    }

    /** Returns a warning if chance decides whether a flow expires within the idle time; empty otherwise. */
    static Optional<String> tooClose(Duration idle, Duration boxIdleTimeout) {
        Duration difference = idle.minus(boxIdleTimeout).abs();
        return difference.multipliedBy(100 / CLOSE_PERCENT).compareTo(boxIdleTimeout) > 0
                ? Optional.empty()
                : Optional.of("the idle time (" + Times.text(idle) + ") is within " + CLOSE_PERCENT
                        + "% of the middlebox's idle timeout (" + Times.text(boxIdleTimeout)
                        + "): flows may or may not expire; use --idle "
                        + Times.text(boxIdleTimeout.multipliedBy(7).dividedBy(5)));
    }

    /** Applies the variables that only 'run' reads, unless their options are given. */
    void sizesFrom(Environment environment, ScenarioSettings.Builder builder) {
        if (burstSize == null) {
            environment.burstSize().ifPresent(builder::burstSize);
        }
        if (repeats == null) {
            environment.repeats().ifPresent(builder::repeats);
        }
    }

    private ScenarioSettings.Builder builder(Environment environment, Map<String, String> given) {
        Optional<String> server = Optional.ofNullable(bootstrapServer).or(environment::bootstrapServer);
        Optional<String> where = Optional.ofNullable(topic).or(environment::topic);
        if (server.isEmpty() || where.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "missing: "
                            + Stream.of(
                                            server.isEmpty() ? "--bootstrap-server (or CC_BOOTSTRAP_HOST)" : "",
                                            where.isEmpty() ? "--topic (or CC_TOPIC)" : "")
                                    .filter(name -> !name.isEmpty())
                                    .collect(Collectors.joining(" and ")));
        }
        Map<String, String> properties = new LinkedHashMap<>(environment.security());
        credentialsFromEnvironment = properties.containsKey(CREDENTIALS) && !given.containsKey(CREDENTIALS);
        properties.putAll(given);
        if (credentialsFromEnvironment) {
            LOG.atInfo()
                    .setMessage("CC_API_KEY: " + properties.get("security.protocol") + " to " + server.get())
                    .log();
        }
        ScenarioSettings.Builder builder =
                ScenarioSettings.builder(server.get(), where.get()).producerProperties(properties);
        Optional.ofNullable(createTopic).ifPresent(builder::createTopic);
        Optional.ofNullable(burstSize).ifPresent(builder::burstSize);
        Optional.ofNullable(repeats).ifPresent(builder::repeats);
        Optional.ofNullable(seed).ifPresent(builder::seed);
        return builder;
    }

    private String message(ScenarioException e) {
        return Environment.inTermsOfVariables(
                String.valueOf(e.getMessage()), bootstrapServer == null, topic == null, credentialsFromEnvironment);
    }
}
