package blackhole.client.scenario;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The producer's effective configuration.
 *
 * @param configuration for kafka-clients
 * @param warnings about it, one line each
 * @param requestTimeout the effective {@code request.timeout.ms}
 */
record ProducerSettings(Map<String, Object> configuration, List<String> warnings, Duration requestTimeout) {

    /** A generous bound on the length of a round apart from idle and pause. */
    private static final Duration ROUND_MARGIN = Duration.ofMinutes(1);

    /** The command line's options by property. */
    private static final Map<String, String> OPTIONS = Map.of(
            ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, "--request-timeout",
            ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "--delivery-timeout",
            ProducerConfig.RETRIES_CONFIG, "--retries",
            ProducerConfig.RETRY_BACKOFF_MS_CONFIG, "--retry-backoff",
            ProducerConfig.ACKS_CONFIG, "--acks",
            ProducerConfig.LINGER_MS_CONFIG, "--linger");

    /** As in messages of kafka-clients. */
    private static final Pattern PROPERTY = Pattern.compile("for configuration ([\\w.]+)");

    /** @throws ScenarioException if kafka-clients rejects the configuration */
    static ProducerSettings of(ScenarioSettings settings) {
        Map<String, Object> configuration = new HashMap<>();
        configuration.put(ProducerConfig.CLIENT_ID_CONFIG, "blackhole-client");
        configuration.putAll(settings.producerProperties());
        configuration.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
        configuration.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class.getName());
        configuration.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, StringSerializer.class.getName());
        if (settings.refresher()) {
            configuration.put(
                    ProducerConfig.METADATA_MAX_AGE_CONFIG,
                    Long.toString(settings.refresherEvery().toMillis()));
        }
        if (configuration.containsKey(ProducerConfig.TRANSACTIONAL_ID_CONFIG)) {
            throw new ScenarioException("transactional.id is not supported; remove it");
        }
        ProducerConfig effective = effective(configuration);
        requireDeliveryTimeout(effective);
        Duration requestTimeout = Duration.ofMillis(effective.getInt(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG));
        ProducerSettings result = new ProducerSettings(configuration, new ArrayList<>(), requestTimeout);
        result.preventTrafficWhileIdle(settings, effective);
        result.warnOfIdempotence(effective);
        Duration userTimeout = settings.socketOptions().userTimeout();
        if (userTimeout != null && requestTimeout.compareTo(userTimeout) <= 0) {
            result.warnings.add("--request-timeout (" + requestTimeout.toMillis() + "ms) is not above --user-timeout ("
                    + userTimeout.toMillis()
                    + "ms): the producer gives up the connection before the user timeout can end it; raise the request"
                    + " timeout");
        }
        return result;
    }

    /** Returns an admin client's configuration with the same security and name resolution. */
    static Map<String, Object> adminConfiguration(ScenarioSettings settings, Duration requestTimeout) {
        Map<String, Object> admin = new HashMap<>();
        settings.producerProperties().forEach((name, value) -> {
            if (name.matches("(security|sasl|ssl|client\\.dns|config\\.providers|socket\\.connection)\\b.*")) {
                admin.put(name, value);
            }
        });
        String timeout = Long.toString(requestTimeout.toMillis());
        admin.put(CommonClientConfigs.CLIENT_ID_CONFIG, "blackhole-client-lookup");
        admin.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
        admin.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, timeout);
        admin.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, timeout);
        return admin;
    }

    /**
     * Prevents the metadata request that kafka-clients sends every 5 minutes by default, which would keep one connection
     * alive. A value set by the user is kept.
     */
    private void preventTrafficWhileIdle(ScenarioSettings settings, ProducerConfig effective) {
        Duration age = Duration.ofMillis(effective.getLong(ProducerConfig.METADATA_MAX_AGE_CONFIG));
        Duration round = settings.idle().plus(settings.pause()).plus(ROUND_MARGIN);
        Duration run = round.multipliedBy(settings.repeats());
        if (!effective.originals().containsKey(ProducerConfig.METADATA_MAX_AGE_CONFIG) && age.compareTo(run) < 0) {
            configuration.put(ProducerConfig.METADATA_MAX_AGE_CONFIG, Long.toString(run.toMillis()));
            warnings.add("metadata.max.age.ms was raised from " + age.toMillis() + " to " + run.toMillis()
                    + ", because a metadata request would be traffic in the idle time; set it in --command-config to keep"
                    + " Kafka's default");
        }
        Duration maxIdle = Duration.ofMillis(effective.getLong(ProducerConfig.CONNECTIONS_MAX_IDLE_MS_CONFIG));
        if (!maxIdle.isNegative() && maxIdle.compareTo(settings.idle()) <= 0) {
            warnings.add("connections.max.idle.ms (" + maxIdle.toMillis()
                    + ") is not above --idle: the producer closes its idle connections itself and probes on new ones");
        }
    }

    /** kafka-clients would disable idempotence silently, which matters for a retry after a stall. */
    private void warnOfIdempotence(ProducerConfig effective) {
        if (effective.originals().containsKey(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG)) {
            return;
        }
        String acks = effective.getString(ProducerConfig.ACKS_CONFIG);
        boolean retries = effective.getInt(ProducerConfig.RETRIES_CONFIG) > 0;
        boolean all = acks.equals("all") || acks.equals("-1");
        if (all && retries && effective.getInt(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION) <= 5) {
            return;
        }
        configuration.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "false");
        warnings.add("idempotence is off, because it needs acks=all, retries above 0 and at most 5 requests in flight: "
                + (retries ? "a retry may store a message twice" : "a message whose connection dies is lost"));
    }

    /** Checks like kafka-clients' constructor, but with the command line's names and before connecting. */
    private static void requireDeliveryTimeout(ProducerConfig effective) {
        if (!effective.originals().containsKey(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG)) {
            return;
        }
        long delivery = effective.getInt(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG);
        long least = effective.getLong(ProducerConfig.LINGER_MS_CONFIG)
                + effective.getInt(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG);
        if (delivery < least) {
            throw new ScenarioException("--delivery-timeout (" + delivery
                    + "ms) is below --request-timeout plus --linger (" + least + "ms); raise it or lower those");
        }
    }

    private static ProducerConfig effective(Map<String, Object> configuration) {
        try {
            return new ProducerConfig(configuration);
        } catch (ConfigException e) {
            String problem = Objects.requireNonNull(e.getMessage(), "set by every constructor");
            throw new ScenarioException(option(problem) + ": " + problem, e);
        }
    }

    private static String option(String message) {
        Matcher property = PROPERTY.matcher(message);
        return property.find()
                ? OPTIONS.getOrDefault(property.group(1), "--command-config")
                : "invalid producer settings";
    }
}
