package blackhole.client.scenario;

import blackhole.client.evidence.Phase;
import blackhole.client.evidence.SnapshotTime;
import blackhole.client.evidence.SocketHistory;
import blackhole.client.evidence.SocketRole;
import blackhole.client.evidence.SocketWatch;
import blackhole.keepalive.SocketEnd;
import blackhole.keepalive.SocketTuning;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Runs burst, idle, probe with an unmodified {@link KafkaProducer}: a burst to random partitions, an idle time, then one
 * message to each partition, one after the other. Requires {@link blackhole.keepalive.KeepaliveAgent} in the JVM.
 */
public final class Scenario {

    private static final Duration LOOKUP_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);
    private static final Duration REPORT_AT_LEAST_EVERY = Duration.ofSeconds(30);
    private static final Duration WAITING_EVERY = Duration.ofSeconds(5);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration CHECK_EVERY = Duration.ofMillis(100);

    /** Tolerance: the metric has millisecond resolution and is read from another clock, at a slightly different time. */
    private static final double SAME_UPDATE_SECONDS = 0.05;

    private final ScenarioSettings settings;
    private final ScenarioListener listener;
    private final SocketWatch watch;
    private final Producer<String, String> producer;
    private final int partitions;

    private final String run = UUID.randomUUID().toString().substring(0, 8);
    private final Random random;
    private final List<Message> messages = new ArrayList<>();

    private Scenario(
            ScenarioSettings settings,
            ScenarioListener listener,
            SocketWatch watch,
            Producer<String, String> producer,
            int partitions) {
        this.settings = settings;
        this.listener = listener;
        this.watch = watch;
        this.producer = producer;
        this.partitions = partitions;
        this.random = new Random(settings.seed());
    }

    /**
     * Runs the scenario on the calling thread and returns when the last probe has its verdict and the producer is closed.
     *
     * @throws ScenarioException if it can't run: no such broker or topic, invalid settings, a failed burst, or no agent in
     *     this JVM
     * @throws InterruptedException if this thread is interrupted while it waits
     */
    public static ScenarioReport run(ScenarioSettings settings, ScenarioListener listener) throws InterruptedException {
        return run(settings, prepare(settings), listener);
    }

    /**
     * Like {@link #run(ScenarioSettings, ScenarioListener)}.
     *
     * @param partitions of the topic as returned by {@link #prepare}; with several brokers, another one may not know a new
     *     topic yet
     */
    public static ScenarioReport run(ScenarioSettings settings, int partitions, ScenarioListener listener)
            throws InterruptedException {
        ProducerSettings producerSettings = ProducerSettings.of(settings);
        List<String> warnings = new ArrayList<>(producerSettings.warnings());
        warnings.forEach(listener::warning);
        listener.started(settings, partitions);
        try (SocketWatch watch = new SocketWatch(listener, listener::sockets, listener.isWatchingSockets())) {
            Producer<String, String> producer =
                    SocketTuning.with(settings.socketOptions(), watch, () -> producer(producerSettings));
            try {
                return new Scenario(settings, listener, watch, producer, partitions).run(warnings);
            } catch (InterruptException e) {
                Thread.interrupted();
                throw new InterruptedException(e.getMessage());
            } finally {
                producer.close(CLOSE_WITHIN);
            }
        }
    }

    /**
     * Finds or creates the topic, so that several scenarios can then start at the same time.
     *
     * @return the topic's partitions
     * @throws ScenarioException if there is no such broker or topic, or no agent in this JVM
     * @throws InterruptedException if this thread is interrupted while it waits
     */
    public static int prepare(ScenarioSettings settings) throws InterruptedException {
        if (!SocketTuning.isAvailable()) {
            throw new ScenarioException(SocketTuning.UNAVAILABLE);
        }
        return TopicLookup.partitions(settings, LOOKUP_TIMEOUT);
    }

    private static Producer<String, String> producer(ProducerSettings settings) {
        try {
            return new KafkaProducer<>(settings.configuration());
        } catch (KafkaException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new ScenarioException("can't create the producer: " + cause.getMessage(), e);
        }
    }

    private ScenarioReport run(List<String> warnings) throws InterruptedException {
        List<Round> rounds = new ArrayList<>();
        String bypass = null;
        for (int number = 1; number <= settings.repeats(); number++) {
            if (number > 1) {
                TimeUnit.NANOSECONDS.sleep(settings.pause().toNanos());
            }
            watch.step(Phase.Kind.BURST, number, null, Duration.ZERO);
            Burst burst = burst(number);
            watch.stepDone();
            Map<Integer, Node> leaders = leaders();
            watch.snapshot(SnapshotTime.AFTER_BURST);
            if (number == 1) {
                Optional<Bypass> found = bypass(leaders);
                found.map(Bypass::warning).ifPresent(listener::warning);
                found.filter(guess -> !guess.certain()).map(Bypass::warning).ifPresent(warnings::add);
                bypass = found.filter(Bypass::certain).map(Bypass::warning).orElse(null);
            }
            watch.step(Phase.Kind.IDLE, number, null, settings.idle());
            int refreshes = idle();
            List<Probe> probes = new ArrayList<>();
            boolean recovered = false;
            for (int partition = 0; partition < partitions; partition++) {
                watch.step(Phase.Kind.PROBE, number, partition, Duration.ZERO);
                Probe probe = probe(number, partition, leaders);
                watch.stepDone();
                probes.add(probe);
                boolean last = partition == partitions - 1;
                if (probe.verdict() != Verdict.IMMEDIATE || (last && !recovered)) {
                    recovered = true;
                    if (probe.error() == null) {
                        leaders();
                    }
                    watch.snapshot(SnapshotTime.RECOVERED);
                }
            }
            Round round = new Round(number, burst, settings.idle(), refreshes, probes);
            rounds.add(round);
            listener.roundDone(round);
        }
        return new ScenarioReport(settings, partitions, rounds, messages, warnings, bypass, watch.evidence());
    }

    private Burst burst(int round) throws InterruptedException {
        SortedSet<Integer> touched = new TreeSet<>();
        List<Duration> latencies = new ArrayList<>();
        for (int i = 1; i <= settings.burstSize(); i++) {
            int partition = random.nextInt(partitions);
            Duration start = watch.now();
            Optional<Exception> failure = send(partition, run + "-round" + round + "-burst" + i);
            if (failure.isPresent()) {
                throw new ScenarioException(
                        "message " + i + " of the burst was not delivered to partition " + partition + ": "
                                + reason(failure.get()),
                        failure.get());
            }
            latencies.add(since(start));
            touched.add(partition);
        }
        Burst burst = new Burst(round, settings.burstSize(), touched, Collections.max(latencies), latencies);
        listener.burstDone(burst);
        return burst;
    }

    /** @return how many times the producer got new metadata in the meantime */
    private int idle() throws InterruptedException {
        long end = System.nanoTime() + settings.idle().toNanos();
        Duration every = Collections.max(List.of(
                SECOND,
                Collections.min(List.of(REPORT_AT_LEAST_EVERY, settings.idle().dividedBy(10)))));
        long nextReport = System.nanoTime();
        double updatedAt = metadataUpdatedAt();
        int refreshes = 0;
        for (long now = System.nanoTime(); end - now > 0; now = System.nanoTime()) {
            if (now - nextReport >= 0) {
                listener.idling(Duration.ofNanos(end - now));
                nextReport += every.toNanos();
            }
            TimeUnit.NANOSECONDS.sleep(Math.min(end - now, CHECK_EVERY.toNanos()));
            double newest = metadataUpdatedAt();
            if (newest - updatedAt > SAME_UPDATE_SECONDS) {
                refreshes++;
                updatedAt = newest;
            }
        }
        return refreshes;
    }

    private Probe probe(int round, int partition, Map<Integer, Node> leaders) throws InterruptedException {
        String id = run + "-round" + round + "-probe" + partition;
        Duration start = watch.now();
        String error = send(partition, id).map(Scenario::reason).orElse(null);
        Duration elapsed = since(start);
        List<SocketHistory> sockets = watch.sockets();
        List<SocketHistory> opened = sockets.stream()
                .filter(socket -> socket.openedAt().compareTo(start) >= 0)
                .toList();
        List<ConnectionEnd> ended = sockets.stream()
                .flatMap(socket -> endSince(start, socket).stream())
                .sorted(Comparator.comparing(ConnectionEnd::after))
                .toList();
        Node leader = leaders.get(partition);
        boolean newConnection = opened.stream()
                .anyMatch(socket -> leader == null || socket.role().isNode(leader.id()));
        boolean gaveUp = ended.stream().anyMatch(end -> end.by() == SocketEnd.CLIENT);
        Probe probe = new Probe(
                round,
                partition,
                id,
                Verdict.of(error == null, elapsed, gaveUp, newConnection),
                elapsed,
                opened.stream().map(SocketHistory::connection).toList(),
                ended,
                error);
        listener.probeDone(probe);
        return probe;
    }

    private static Optional<ConnectionEnd> endSince(Duration start, SocketHistory socket) {
        Duration at = socket.closedAt();
        SocketEnd by = socket.closedBy();
        return at == null || by == null || at.compareTo(start) < 0
                ? Optional.empty()
                : Optional.of(new ConnectionEnd(socket.connection(), by, at.minus(start)));
    }

    /** @return why it failed; empty if it was acknowledged */
    private Optional<Exception> send(int partition, String id) throws InterruptedException {
        Duration start = watch.now();
        try {
            Future<RecordMetadata> future = producer.send(new ProducerRecord<>(settings.topic(), partition, id, id));
            while (true) {
                try {
                    RecordMetadata where = future.get(WAITING_EVERY.toMillis(), TimeUnit.MILLISECONDS);
                    messages.add(new Message(id, where.partition(), where.hasOffset() ? where.offset() : -1));
                    return Optional.empty();
                } catch (TimeoutException notYet) {
                    listener.waiting(partition, since(start));
                }
            }
        } catch (InterruptException e) {
            throw e;
        } catch (ExecutionException | KafkaException e) {
            return Optional.of(e);
        }
    }

    /** Reads the producer's cache, which the burst has filled. Must not be called during the idle time, when the cache may be empty. */
    private Map<Integer, Node> leaders() {
        Map<Integer, Node> leaders = producer.partitionsFor(settings.topic()).stream()
                .filter(partition -> partition.leader() != null)
                .collect(Collectors.toMap(PartitionInfo::partition, PartitionInfo::leader));
        watch.leaders(leaders);
        return leaders;
    }

    /** Checks where the connections of the burst really went. */
    private Optional<Bypass> bypass(Map<Integer, Node> leaders) {
        Set<InetSocketAddress> bootstrap = BootstrapServers.resolved(settings.bootstrapServers());
        Map<String, InetSocketAddress> remotes = new TreeMap<>();
        for (SocketHistory socket : watch.sockets()) {
            if (socket.role().kind() == SocketRole.Kind.BOOTSTRAP) {
                bootstrap.add(socket.remote());
            }
            leaders.values().stream()
                    .filter(leader -> socket.role().isNode(leader.id()))
                    .forEach(leader -> remotes.put(leader.host() + ":" + leader.port(), socket.remote()));
        }
        return Bypass.of(settings.bootstrapServers(), bootstrap, remotes);
    }

    /** Returns when the producer last got metadata, in seconds of {@link System#nanoTime}, according to its metric. */
    private double metadataUpdatedAt() {
        double age = producer.metrics().values().stream()
                .filter(metric -> metric.metricName().name().equals("metadata-age"))
                .mapToDouble(metric -> (double) metric.metricValue())
                .findFirst()
                .orElseThrow();
        return System.nanoTime() / 1e9 - age;
    }

    private static String reason(Exception e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return cause.getClass().getSimpleName() + ": " + cause.getMessage();
    }

    private Duration since(Duration start) {
        return watch.now().minus(start);
    }
}
