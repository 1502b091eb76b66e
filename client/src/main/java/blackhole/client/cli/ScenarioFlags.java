package blackhole.client.cli;

import blackhole.client.scenario.ScenarioException;
import blackhole.client.scenario.ScenarioSettings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Broker, topic and messages: the options of all commands that run the scenario. */
final class ScenarioFlags {

    private static final Logger LOG = LoggerFactory.getLogger(ScenarioFlags.class);

    private static final String CREDENTIALS = "sasl.jaas.config";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    private boolean credentialsFromEnvironment;

    @Option(
            names = "--env-file",
            paramLabel = "FILE",
            description = "A .env file with the variables below: KEY=VALUE, quotes, comments, export.")
    private @Nullable Path envFile;

    @Option(
            names = "--bootstrap-server",
            paramLabel = "HOST:PORT",
            description =
                    "The proxy's address (or the broker's, to compare); the broker must advertise it. Required unless"
                            + " CC_BOOTSTRAP_HOST is in the environment.")
    private @Nullable String bootstrapServer;

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            description = "Where to send the messages. Required unless CC_TOPIC is in the environment.")
    private @Nullable String topic;

    @Option(
            names = "--create-topic",
            paramLabel = "PARTITIONS",
            description = "Create the topic if it does not exist; otherwise a missing topic is an error.")
    private @Nullable Integer createTopic;

    @Option(
            names = "--burst-size",
            paramLabel = "N",
            description = "Messages each producer sends before the idle time. Default: 50")
    private @Nullable Integer burstSize;

    @Option(names = "--repeats", paramLabel = "N", description = "Rounds. Default: 1")
    private @Nullable Integer repeats;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of each producer's random partitions, to repeat a run; shown in log and report.")
    private @Nullable Long seed;

    /**
     * Returns the settings from these options, or else the environment, and the options of a command.
     *
     * @param producerFlags settings of the producer
     * @param own adds a command's own options and builds the settings
     * @throws ParameterException if something is missing or wrong
     */
    ScenarioSettings settings(
            ProducerFlags producerFlags, BiFunction<ScenarioSettings.Builder, Environment, ScenarioSettings> own) {
        try {
            Environment environment = environment();
            return own.apply(builder(environment, producerFlags.properties()), environment);
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

    boolean bootstrapServerGiven() {
        return bootstrapServer != null;
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

    /** Prints why the scenario failed. @return the exit code */
    int failed(ScenarioException e) {
        spec.commandLine().getErr().println("blackhole-client: " + message(e).replaceAll("\\s*\\R\\s*", "; "));
        return CommandLine.ExitCode.SOFTWARE;
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
        if (createTopic != null) {
            builder.createTopic(createTopic);
        }
        if (burstSize != null) {
            builder.burstSize(burstSize);
        }
        if (repeats != null) {
            builder.repeats(repeats);
        }
        if (seed != null) {
            builder.seed(seed);
        }
        return builder;
    }

    private String message(ScenarioException e) {
        return Environment.inTermsOfVariables(
                String.valueOf(e.getMessage()), bootstrapServer == null, topic == null, credentialsFromEnvironment);
    }
}
