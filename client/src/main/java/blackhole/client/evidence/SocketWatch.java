package blackhole.client.evidence;

import blackhole.keepalive.SocketEnd;
import blackhole.keepalive.SocketListener;
import blackhole.keepalive.TunedSocket;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.Node;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the sockets of one Kafka client during a scenario. It reads TCP_INFO of each socket twenty times a second, which
 * takes microseconds, and /proc/net/tcp one to four times a second, depending on how long a read takes. It records changes and takes a
 * {@link SocketTable} at each {@link SnapshotTime}. Thread-safe.
 *
 * <p>The scenario announces its steps. Sampling, timed snapshots and their delivery happen on the watch's own thread.
 */
public final class SocketWatch implements SocketListener, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SocketWatch.class);

    private static final Duration EVERY = Duration.ofMillis(50);
    private static final Duration TIMERS_EVERY = Duration.ofMillis(250);
    private static final Duration TIMERS_AT_LEAST_EVERY = Duration.ofSeconds(1);
    private static final int TIMERS_COST_LIMIT = 100;
    private static final Duration LIVE_EVERY = Duration.ofMillis(500);

    /** Enough for a stall of many minutes, because the retransmission timeout doubles. */
    private static final int MAX_TABLES = 200;

    private final SocketListener next;
    private final Consumer<SocketTable> listener;
    private final boolean live;
    private final long start = System.nanoTime();
    private final Instant startedAt = Instant.now();
    private final ScheduledExecutorService sampler = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "socket-watch");
        thread.setDaemon(true);
        return thread;
    });

    private final TcpInfoReader reader = new TcpInfoReader();
    private final List<WatchedSocket> sockets = new ArrayList<>();
    private final List<SocketTable> tables = new ArrayList<>();
    private final List<RunEvent> events = new ArrayList<>();
    private final List<Phase> phases = new ArrayList<>();
    private final Queue<SocketTable> undelivered = new ConcurrentLinkedQueue<>();
    private Map<Integer, Node> leaders = Map.of();
    private @Nullable String timersUnknown;

    private int round = 1;
    private @Nullable Phase step;
    private Duration tableAt = Duration.ZERO;
    private boolean tableTaken;
    private Duration nextTimers = Duration.ZERO;
    private Duration nextLive = Duration.ZERO;

    /**
     * Starts watching.
     *
     * @param next is notified of the sockets as well
     * @param listener receives each table, on the watch's thread or on the one that calls {@link #snapshot}
     * @param live whether it also receives a {@link SnapshotTime#WATCHED} table twice a second
     */
    public SocketWatch(SocketListener next, Consumer<SocketTable> listener, boolean live) {
        this.next = next;
        this.listener = listener;
        this.live = live;
        sampler.scheduleWithFixedDelay(this::tick, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void opened(TunedSocket socket) {
        synchronized (this) {
            sockets.add(new WatchedSocket(sockets.size() + 1, socket, now(), reader, events::add));
        }
        next.opened(socket);
    }

    @Override
    public void closed(TunedSocket socket, SocketEnd end) {
        synchronized (this) {
            sockets.stream().filter(watched -> watched.isOf(socket)).forEach(watched -> watched.closed(now(), end));
        }
        next.closed(socket, end);
    }

    /** Sets which node leads which partition, according to the producer's metadata. */
    public synchronized void leaders(Map<Integer, Node> ofPartitions) {
        leaders = Map.copyOf(ofPartitions);
    }

    /**
     * Ends the current step and starts the next.
     *
     * @param kind of the step
     * @param ofRound from 1
     * @param partition of a probe; null for other steps
     * @param expected length of an idle time; zero for other steps
     */
    public synchronized void step(Phase.Kind kind, int ofRound, @Nullable Integer partition, Duration expected) {
        stepDone();
        round = ofRound;
        Duration from = now();
        step = new Phase(kind, round, partition, from, from);
        tableAt = from.plus(kind == Phase.Kind.IDLE ? expected.dividedBy(2) : WatchedSocket.STALLED_AFTER);
        tableTaken = kind == Phase.Kind.BURST;
    }

    /** Ends the current step. */
    public synchronized void stepDone() {
        if (step != null) {
            phases.add(new Phase(step.kind(), round, step.partition(), step.from(), now()));
            step = null;
        }
    }

    /** Takes a table now and delivers it before returning. */
    public void snapshot(SnapshotTime when) {
        synchronized (this) {
            sample();
            take(when);
        }
        deliver();
    }

    /** Returns the time since the start of the watch, from which all times are counted. */
    public Duration now() {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Returns all sockets so far, with what the client uses them for, as far as known. */
    public synchronized List<SocketHistory> sockets() {
        sockets.forEach(WatchedSocket::findNode);
        return sockets.stream().map(watched -> watched.history(leaders)).toList();
    }

    /** Returns everything observed so far. */
    public synchronized Evidence evidence() {
        return new Evidence(
                startedAt,
                now(),
                List.copyOf(phases),
                List.copyOf(tables),
                sockets(),
                List.copyOf(events),
                unknownBecause());
    }

    /** Stops watching; the evidence remains available. */
    @Override
    public void close() {
        sampler.shutdownNow();
    }

    private void tick() {
        try {
            synchronized (this) {
                sample();
                takeDueTables();
            }
            deliver();
        } catch (RuntimeException e) {
            // The executor would silently cancel the task.
            LOG.atError().setMessage("failed to sample the sockets").setCause(e).log();
        }
    }

    /** Calls the listener in order and without holding the lock on the evidence, because it may be slow. */
    private void deliver() {
        synchronized (undelivered) {
            for (SocketTable table = undelivered.poll(); table != null; table = undelivered.poll()) {
                listener.accept(table);
            }
        }
    }

    private void takeDueTables() {
        if (step != null && !tableTaken && isDue(tableAt)) {
            tableTaken = true;
            take(step.kind() == Phase.Kind.IDLE ? SnapshotTime.MID_IDLE : SnapshotTime.STALLED);
        }
        if (live && isDue(nextLive)) {
            nextLive = now().plus(LIVE_EVERY);
            undelivered.add(table(SnapshotTime.WATCHED));
        }
    }

    private void sample() {
        boolean grown = false;
        for (WatchedSocket watched : sockets) {
            watched.findNode();
            grown |= watched.isOpen() && watched.sample(now());
        }
        if (isDue(nextTimers)) {
            Duration before = now();
            timers().ifPresent(kernel -> sockets.stream()
                    .filter(WatchedSocket::isOpen)
                    .forEach(watched -> watched.noteTimer(now(), kernel)));
            Duration pause = now().minus(before).multipliedBy(TIMERS_COST_LIMIT);
            nextTimers = now().plus(Collections.max(
                    List.of(TIMERS_EVERY, Collections.min(List.of(TIMERS_AT_LEAST_EVERY, pause)))));
        }
        if (grown && step != null && step.kind() == Phase.Kind.PROBE && tableTaken) {
            take(SnapshotTime.RETRANSMISSION);
        }
    }

    private boolean isDue(Duration at) {
        return now().compareTo(at) >= 0;
    }

    private Optional<ProcNetTcp> timers() {
        if (timersUnknown != null) {
            return Optional.empty();
        }
        try {
            return Optional.of(ProcNetTcp.read());
        } catch (IOException e) {
            timersUnknown = "the kernel's timers can't be read: " + e;
            return Optional.empty();
        }
    }

    private void take(SnapshotTime when) {
        if (tables.size() < MAX_TABLES) {
            SocketTable table = table(when);
            tables.add(table);
            undelivered.add(table);
        }
    }

    private SocketTable table(SnapshotTime when) {
        ProcNetTcp kernel = timers().orElse(null);
        List<SocketRow> rows = sockets.stream()
                .filter(WatchedSocket::isOpen)
                .flatMap(watched -> watched.row(kernel, leaders).stream())
                .toList();
        return new SocketTable(when, round, now(), rows, unknownBecause());
    }

    private @Nullable String unknownBecause() {
        Optional<String> info = reader.unavailable();
        return timersUnknown == null
                ? info.orElse(null)
                : info.map(reason -> reason + "; ").orElse("") + timersUnknown;
    }
}
