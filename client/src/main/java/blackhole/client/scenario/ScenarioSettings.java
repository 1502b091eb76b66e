package blackhole.client.scenario;

import blackhole.keepalive.SocketOptions;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a scenario, created by {@link #builder}.
 *
 * @param bootstrapServers {@code HOST:PORT}, or several with commas
 * @param topic to which the messages are sent
 * @param createPartitions partitions of the topic if it is to be created; null if it must exist
 * @param burstSize messages before the idle time; at least 1
 * @param idle how long nothing is sent
 * @param repeats rounds; at least 1, at most 100,000
 * @param pause between rounds
 * @param refresher whether the producer asks for metadata every {@code refresherEvery}
 * @param refresherEvery at least 100 ms; ignored without {@code refresher}
 * @param socketOptions for every connection of the producer
 * @param producerProperties any other setting of kafka-clients, by its name
 * @param seed of the random choice of partitions in the burst
 */
public record ScenarioSettings(
        String bootstrapServers,
        String topic,
        @JsonIgnore @Nullable Integer createPartitions,
        int burstSize,
        Duration idle,
        int repeats,
        Duration pause,
        boolean refresher,
        Duration refresherEvery,
        SocketOptions socketOptions,
        @JsonSerialize(converter = Secrets.class) Map<String, String> producerProperties,
        long seed) {

    /** The default of {@code refresherEvery}. */
    public static final Duration REFRESH_EVERY = Duration.ofSeconds(10);

    private static final int MOST_REPEATS = 100_000;

    /** @throws ScenarioException if a number is out of range; the message names the command line's option */
    public ScenarioSettings {
        producerProperties = Map.copyOf(producerProperties);
        idle = idle.truncatedTo(ChronoUnit.MILLIS);
        pause = pause.truncatedTo(ChronoUnit.MILLIS);
        refresherEvery = refresherEvery.truncatedTo(ChronoUnit.MILLIS);
        BootstrapServers.parse(bootstrapServers);
        require(!topic.isBlank(), "--topic must not be empty");
        require(burstSize >= 1, "--burst-size must be at least 1, not " + burstSize);
        require(
                repeats >= 1 && repeats <= MOST_REPEATS,
                "--repeats must be from 1 to " + MOST_REPEATS + ", not " + repeats);
        require(!idle.isNegative(), "--idle must not be negative");
        require(refresherEvery.toMillis() >= 100, "--refresher-every must be at least 100ms");
        require(createPartitions == null || createPartitions >= 1, "--create-topic must be at least 1 partition");
    }

    /** Returns a builder with the defaults: 50 messages, 420 s idle, one round, keepalive off, Kafka's defaults. */
    public static Builder builder(String bootstrapServers, String topic) {
        return new Builder(bootstrapServers, topic);
    }

    /** Returns the effective {@code request.timeout.ms}. */
    public Duration requestTimeout() {
        return ProducerSettings.of(this).requestTimeout();
    }

    /** Omits the producer's properties, which may contain a password. */
    @Override
    public String toString() {
        return "ScenarioSettings[bootstrapServers=" + bootstrapServers + ", topic=" + topic + ", burstSize=" + burstSize
                + ", idle=" + idle + ", repeats=" + repeats + ", refresher=" + refresher + ", socketOptions="
                + socketOptions + ", seed=" + seed + "]";
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new ScenarioException(message);
        }
    }

    /** Not thread-safe. */
    public static final class Builder {
        private final String bootstrapServers;
        private final String topic;
        private final Map<String, String> producerProperties = new TreeMap<>();
        private @Nullable Integer createPartitions;
        private int burstSize = 50;
        private Duration idle = Duration.ofMinutes(7);
        private int repeats = 1;
        private Duration pause = Duration.ofSeconds(5);
        private boolean refresher;
        private Duration refresherEvery = REFRESH_EVERY;
        private SocketOptions socketOptions = SocketOptions.OFF;
        private long seed = ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);

        private Builder(String bootstrapServers, String topic) {
            this.bootstrapServers = bootstrapServers;
            this.topic = topic;
        }

        /** Creates the topic with this number of partitions if it does not exist; by default it must exist. */
        public Builder createTopic(int partitions) {
            this.createPartitions = partitions;
            return this;
        }

        /** Messages before each idle time; default 50. */
        public Builder burstSize(int messages) {
            this.burstSize = messages;
            return this;
        }

        /** How long nothing is sent; default 420 s. */
        public Builder idle(Duration value) {
            this.idle = value;
            return this;
        }

        /** Rounds of burst, idle, probe; default 1. */
        public Builder repeats(int rounds) {
            this.repeats = rounds;
            return this;
        }

        /** Time between a round's last probe and the next burst; default 5 s. */
        public Builder pause(Duration betweenRounds) {
            this.pause = betweenRounds;
            return this;
        }

        /** Whether the producer requests metadata regularly; default off. */
        public Builder refresher(boolean on) {
            this.refresher = on;
            return this;
        }

        /** How often the refresher requests metadata; at least 100 ms, default 10 s. */
        public Builder refresherEvery(Duration period) {
            this.refresherEvery = period;
            return this;
        }

        /** Options of every connection of the producer; default keepalive off and no user timeout. */
        public Builder socketOptions(SocketOptions options) {
            this.socketOptions = options;
            return this;
        }

        /** Sets any property of kafka-clients. */
        public Builder producerProperty(String name, String value) {
            producerProperties.put(name, value);
            return this;
        }

        /** Sets properties of kafka-clients. */
        public Builder producerProperties(Map<String, String> properties) {
            producerProperties.putAll(properties);
            return this;
        }

        /** {@code request.timeout.ms}; truncated to milliseconds. */
        public Builder requestTimeout(Duration timeout) {
            return producerProperty("request.timeout.ms", Long.toString(timeout.toMillis()));
        }

        /** Seed for the random partitions of the burst; random by default. */
        public Builder seed(long value) {
            this.seed = value;
            return this;
        }

        /** @throws ScenarioException if a number is out of range, or kafka-clients rejects a property */
        public ScenarioSettings build() {
            ScenarioSettings settings = new ScenarioSettings(
                    bootstrapServers,
                    topic,
                    createPartitions,
                    burstSize,
                    idle,
                    repeats,
                    pause,
                    refresher,
                    refresherEvery,
                    socketOptions,
                    producerProperties,
                    seed);
            ProducerSettings.of(settings);
            return settings;
        }
    }
}
