package blackhole.client.scenario;

import java.security.cert.CertPathBuilderException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Finds or creates the topic with an admin client that is closed before the producer starts. */
final class TopicLookup {

    private static final Duration DIAGNOSE_AFTER = Duration.ofSeconds(1);
    private static final Duration RETRY_EVERY = Duration.ofMillis(100);

    private final ScenarioSettings settings;
    private final Duration timeout;
    private final long deadline;

    private TopicLookup(ScenarioSettings settings, Duration timeout, Duration patience) {
        this.settings = settings;
        this.timeout = timeout;
        this.deadline = System.nanoTime() + patience.toNanos();
    }

    /**
     * @param timeout for finding or creating the topic
     * @return the topic's partitions
     * @throws ScenarioException if the broker can't be reached, or the topic does not exist and must not be created
     */
    static int partitions(ScenarioSettings settings, Duration timeout) throws InterruptedException {
        // With an idle timeout of seconds the first connection may expire before a busy machine sends the first
        // request.
        Duration first = timeout.dividedBy(3);
        for (Duration patience : List.of(first, timeout.minus(first))) {
            try {
                return new TopicLookup(settings, timeout, patience).partitions();
            } catch (TimeoutException slow) {
                // Again, on a new connection.
            }
        }
        throw noAnswer(settings, timeout);
    }

    private int partitions() throws InterruptedException, TimeoutException {
        Admin admin = admin();
        try {
            return partitions(admin);
        } finally {
            // Otherwise an unanswered request would delay closing.
            admin.close(Duration.ZERO);
        }
    }

    private Admin admin() {
        try {
            return Admin.create(ProducerSettings.adminConfiguration(settings, timeout));
        } catch (KafkaException e) {
            Throwable cause = e instanceof ConfigException || e.getCause() == null ? e : e.getCause();
            if (cause != e && cause instanceof ConfigException) {
                BootstrapServers.requireReachable(settings.bootstrapServers(), DIAGNOSE_AFTER);
            }
            throw new ScenarioException("--command-config: " + cause.getMessage(), e);
        }
    }

    private int partitions(Admin admin) throws InterruptedException, TimeoutException {
        boolean created = settings.createPartitions() != null && create(admin);
        while (true) {
            Optional<TopicDescription> topic = describe(admin);
            if (topic.isPresent()) {
                return topic.get().partitions().size();
            }
            if (!created || remaining().isNegative()) {
                throw new ScenarioException(
                        "--topic " + settings.topic() + ": no such topic; add --create-topic PARTITIONS to create it");
            }
            TimeUnit.MILLISECONDS.sleep(RETRY_EVERY.toMillis());
        }
    }

    private boolean create(Admin admin) throws InterruptedException, TimeoutException {
        NewTopic topic =
                new NewTopic(settings.topic(), Optional.ofNullable(settings.createPartitions()), Optional.empty());
        try {
            await(admin.createTopics(List.of(topic)).all());
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return false;
            }
            throw refused(Objects.requireNonNull(e.getCause(), "the future's failure"));
        }
    }

    private Optional<TopicDescription> describe(Admin admin) throws InterruptedException, TimeoutException {
        try {
            KafkaFuture<TopicDescription> topic = admin.describeTopics(List.of(settings.topic()))
                    .topicNameValues()
                    .get(settings.topic());
            return Optional.of(await(Objects.requireNonNull(topic, "has a future for each requested topic")));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return Optional.empty();
            }
            throw refused(Objects.requireNonNull(e.getCause(), "the future's failure"));
        }
    }

    /** Waits, and after a second without an answer checks whether the servers can be reached. */
    private <T> T await(KafkaFuture<T> answer) throws InterruptedException, ExecutionException, TimeoutException {
        try {
            return answer.get(DIAGNOSE_AFTER.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            BootstrapServers.requireReachable(settings.bootstrapServers(), DIAGNOSE_AFTER);
        }
        return answer.get(Math.max(0, remaining().toMillis()), TimeUnit.MILLISECONDS);
    }

    private Duration remaining() {
        return Duration.ofNanos(deadline - System.nanoTime());
    }

    private ScenarioException refused(Throwable cause) {
        if (cause instanceof SslAuthenticationException) {
            return new ScenarioException("--command-config: " + handshakeFailure(cause), cause);
        }
        if (cause instanceof AuthenticationException) {
            return new ScenarioException(
                    "--command-config: the broker rejected the credentials: " + cause.getMessage(), cause);
        }
        if (cause instanceof AuthorizationException) {
            return new ScenarioException("--command-config: not allowed: " + cause.getMessage(), cause);
        }
        if (cause instanceof RetriableException) {
            return noAnswer(settings, timeout);
        }
        return new ScenarioException("--topic " + settings.topic() + ": " + cause.getMessage(), cause);
    }

    private static String handshakeFailure(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root instanceof CertPathBuilderException
                ? "the broker's certificate is not trusted; set ssl.truststore.location to a truststore with its CA, and"
                        + " ssl.truststore.type=PEM if that is a PEM file"
                : "the TLS handshake failed: " + root.getMessage();
    }

    private static ScenarioException noAnswer(ScenarioSettings settings, Duration timeout) {
        return new ScenarioException("--bootstrap-server " + settings.bootstrapServers() + ": no answer within "
                + timeout.toSeconds()
                + "s; is this a Kafka broker, does its listener use the same security.protocol, and is the"
                + " middlebox's idle timeout long enough to send the first request?");
    }
}
