package blackhole.lab;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * The topics of a broker, reached over its direct listener. Each call opens its own connections and closes them.
 *
 * @param bootstrap {@code HOST:PORT} of the broker
 */
public record Topics(String bootstrap) {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    /**
     * Makes a topic with one replica, and returns when every broker has it.
     *
     * @param name of the topic, which must not exist
     * @param partitions how many, at least 1
     * @throws IllegalStateException when the broker refuses, with its reason, or gives no answer within 30 s
     */
    public void create(String name, int partitions) {
        try (Admin admin = Admin.create(Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap))) {
            admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1)))
                    .all()
                    .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            for (String broker : bootstrap.split(",")) {
                awaitKnown(name, broker);
            }
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNull(e.getCause(), "the future's failure");
            throw new IllegalStateException("topic " + name + " was not created: " + cause.getMessage(), cause);
        } catch (IOException | TimeoutException e) {
            throw new IllegalStateException("topic " + name + " was not created within " + LIMIT + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while creating topic " + name, e);
        }
    }

    /** A broker hears of a new topic from the controller, one sooner than the other. */
    private static void awaitKnown(String name, String broker)
            throws IOException, InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        int colon = broker.lastIndexOf(':');
        InetSocketAddress address =
                new InetSocketAddress(broker.substring(0, colon), Integer.parseInt(broker.substring(colon + 1)));
        while (!BrokerMetadata.of(address).hasTopic(name)) {
            if (System.nanoTime() - deadline > 0) {
                throw new TimeoutException(broker + " has not heard of it");
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /**
     * Reads a topic from its first record to what was its end when the call began.
     *
     * @param name of the topic
     * @return the values, partition by partition, in the order of their offsets; as often as they were stored
     * @throws IllegalStateException when the topic does not exist, or the end is not reached within 30 s
     */
    public List<String> read(String name) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(name, LIMIT).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            if (partitions.isEmpty()) {
                throw new IllegalStateException("there is no topic " + name);
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            return readToEnd(consumer, name);
        }
    }

    private static List<String> readToEnd(KafkaConsumer<String, String> consumer, String name) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment(), LIMIT);
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey(), LIMIT) < end.getValue())) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("topic " + name + " was not read to its end within " + LIMIT);
            }
            consumer.poll(Duration.ofMillis(100)).forEach(records::add);
        }
        records.removeIf(r -> r.offset()
                >= Objects.requireNonNull(ends.get(new TopicPartition(r.topic(), r.partition())), "assigned"));
        records.sort(Comparator.<ConsumerRecord<String, String>>comparingInt(ConsumerRecord::partition)
                .thenComparingLong(ConsumerRecord::offset));
        return records.stream().map(ConsumerRecord::value).toList();
    }
}
