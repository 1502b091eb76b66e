package blackhole.client.evidence;

import blackhole.keepalive.SocketEnd;
import blackhole.keepalive.SocketListener;
import blackhole.keepalive.TunedSocket;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the sockets of one Kafka client during a scenario. It reads TCP_INFO of each socket twenty times a second, which
 * takes microseconds, and /proc/net/tcp one to four times a second, depending on its cost. It records changes and takes a
 * {@link SocketTable} at each {@link SnapshotTime}. Thread-safe.
 *
 * <p>The scenario announces its steps. Sampling, timed snapshots and their delivery happen on the watch's own thread.
 */
public final class SocketWatch implements SocketListener, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SocketWatch.class);

    private static final Duration EVERY = Duration.ofMillis(50);
    private static final Duration TIMERS_EVERY = Duration.ofMillis(250);
    private static final Duration TIMERS_AT_LEAST_EVERY = Duration.ofSeconds(1);
    private static final long TIMERS_COST_LIMIT = 100;
    private static final Duration LIVE_EVERY = Duration.ofMillis(500);

    /** Enough for a stall of many minutes, because the retransmission timeout doubles. */
    private static final int MAX_TABLES = 200;

    private final Consumer<SocketTable> listener;
    private final boolean live;
    private final long start = System.nanoTime();
    private final Instant startedAt = Instant.now();
    private final ScheduledExecutorService sampler = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "socket-watch");
        thread.setDaemon(true);
        return thread;
    });

    private final Object listenerLock = new Object();
    private final TcpInfoReader reader = new TcpInfoReader();
    private final List<WatchedSocket> sockets = new ArrayList<>();
    private final List<SocketTable> tables = new ArrayList<>();
    private final List<RunEvent> events = new ArrayList<>();
    private final List<Phase> phases = new ArrayList<>();
    private final List<SocketTable> undelivered = new ArrayList<>();
    private Map<Integer, Integer> leaders = Map.of();
    private @Nullable String timersUnknown;

    private int round = 1;
    private @Nullable Step step;
    private boolean snapshotTaken;
    private long nextTimers = start;
    private long nextLive = start;

    /** The current step of the scenario. */
    private record Step(Phase.Kind kind, OptionalInt partition, long from, Duration expected) {}

    /**
     * Starts watching.
     *
     * @param listener receives each table, on the watch's thread or on the one that calls {@link #snapshot}
     * @param live whether it also receives a {@link SnapshotTime#WATCHED} table twice a second
     */
    public SocketWatch(Consumer<SocketTable> listener, boolean live) {
        this.listener = listener;
        this.live = live;
        sampler.scheduleWithFixedDelay(this::tick, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public synchronized void opened(TunedSocket socket) {
        sockets.add(new WatchedSocket(sockets.size() + 1, socket, now(), events::add));
    }

    @Override
    public synchronized void closed(TunedSocket socket, SocketEnd end) {
        find(socket).ifPresent(watched -> watched.closed(now(), end));
    }

    /** Sets which node leads which partition, according to the producer's metadata. */
    public synchronized void leaders(Map<Integer, Integer> nodeOfPartition) {
        leaders = Map.copyOf(nodeOfPartition);
    }

    /**
     * Starts a step of the scenario, which ends the previous one.
     *
     * @param kind of the step
     * @param ofRound from 1
     * @param partition of a probe; empty for other steps
     * @param expected length of an idle time; zero for other steps
     */
    public synchronized void step(Phase.Kind kind, int ofRound, OptionalInt partition, Duration expected) {
        stepDone();
        round = ofRound;
        step = new Step(kind, partition, System.nanoTime(), expected);
        snapshotTaken = false;
    }

    /** Ends the current step. */
    public synchronized void stepDone() {
        if (step != null) {
            phases.add(new Phase(step.kind(), round, step.partition(), offset(step.from()), now()));
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

    /** Returns what the client uses a connection for, as far as known. */
    public synchronized SocketRole role(TunedSocket socket) {
        Optional<WatchedSocket> watched = find(socket);
        watched.ifPresent(WatchedSocket::findNode);
        return watched.map(found -> found.role(leaders)).orElse(SocketRole.UNKNOWN);
    }

    /** Returns everything observed so far. */
    public synchronized Evidence evidence() {
        sockets.forEach(WatchedSocket::findNode);
        List<SocketHistory> histories =
                sockets.stream().map(watched -> watched.history(leaders)).toList();
        return new Evidence(startedAt, now(), phases, tables, histories, events, unknownBecause());
    }

    /** Stops watching; the evidence remains available. */
    @Override
    public void close() {
        sampler.shutdownNow();
    }

    private Optional<WatchedSocket> find(TunedSocket socket) {
        return sockets.stream().filter(watched -> watched.watches(socket)).findFirst();
    }

    private void tick() {
        try {
            synchronized (this) {
                sample();
                takeDueSnapshots();
            }
            deliver();
        } catch (RuntimeException e) {
            // The executor would silently cancel the task.
            LOG.atError().setMessage("failed to sample the sockets").setCause(e).log();
        }
    }

    /** Calls the listener in order and without holding the lock on the evidence, because it may be slow. */
    private void deliver() {
        synchronized (listenerLock) {
            while (true) {
                SocketTable table;
                synchronized (this) {
                    if (undelivered.isEmpty()) {
                        return;
                    }
                    table = undelivered.remove(0);
                }
                listener.accept(table);
            }
        }
    }

    private void takeDueSnapshots() {
        long now = System.nanoTime();
        if (step != null && !snapshotTaken) {
            long since = now - step.from();
            if (step.kind() == Phase.Kind.IDLE
                    && since >= step.expected().dividedBy(2).toNanos()) {
                snapshotTaken = true;
                take(SnapshotTime.MID_IDLE);
            } else if (step.kind() == Phase.Kind.PROBE && since >= WatchedSocket.STALLED_AFTER.toNanos()) {
                snapshotTaken = true;
                take(SnapshotTime.STALLED);
            }
        }
        if (live && now - nextLive >= 0) {
            nextLive = now + LIVE_EVERY.toNanos();
            undelivered.add(table(SnapshotTime.WATCHED, timers()));
        }
    }

    private void sample() {
        boolean grown = false;
        for (WatchedSocket watched : sockets) {
            watched.findNode();
            if (watched.isOpen()) {
                Optional<TcpInfo> read = watched.read(reader);
                if (read.isPresent()) {
                    grown |= watched.sampled(now(), read.get());
                }
            }
        }
        long now = System.nanoTime();
        if (now - nextTimers >= 0) {
            timers().ifPresent(this::noteTimers);
            long cost = System.nanoTime() - now;
            long pause = Math.min(
                    Math.max(TIMERS_EVERY.toNanos(), cost * TIMERS_COST_LIMIT), TIMERS_AT_LEAST_EVERY.toNanos());
            nextTimers = System.nanoTime() + pause;
        }
        if (grown && step != null && step.kind() == Phase.Kind.PROBE && snapshotTaken) {
            take(SnapshotTime.RETRANSMISSION);
        }
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

    private void noteTimers(ProcNetTcp kernel) {
        for (WatchedSocket watched : sockets) {
            if (watched.isOpen()) {
                watched.line(kernel).ifPresent(line -> watched.timer(now(), line.timer()));
            }
        }
    }

    private void take(SnapshotTime when) {
        if (tables.size() < MAX_TABLES) {
            SocketTable table = table(when, timers());
            tables.add(table);
            undelivered.add(table);
        }
    }

    private SocketTable table(SnapshotTime when, Optional<ProcNetTcp> kernel) {
        List<SocketRow> rows = new ArrayList<>();
        for (WatchedSocket watched : sockets) {
            if (watched.isOpen()) {
                watched.row(reader, kernel, leaders).ifPresent(rows::add);
            }
        }
        return new SocketTable(when, round, now(), rows, unknownBecause());
    }

    private Optional<String> unknownBecause() {
        Optional<String> info = reader.unavailable();
        return timersUnknown == null
                ? info
                : Optional.of(info.map(reason -> reason + "; ").orElse("") + timersUnknown);
    }

    private Duration now() {
        return offset(System.nanoTime());
    }

    private Duration offset(long nanoTime) {
        return Duration.ofNanos(nanoTime - start);
    }
}
