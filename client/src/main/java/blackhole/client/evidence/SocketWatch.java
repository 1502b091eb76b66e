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
 * Watches the sockets of one Kafka client while a scenario plays: reads TCP_INFO of each twenty times a second, which takes
 * microseconds, and /proc/net/tcp once to four times a second, by what that costs; keeps what changed, and takes a
 * {@link SocketTable} at each {@link SnapshotTime}. Thread-safe.
 *
 * <p>The scenario says what it does; sampling, the moments that come by time and what the listener hears of them happen on
 * a thread of its own.
 */
public final class SocketWatch implements SocketListener, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SocketWatch.class);

    private static final Duration EVERY = Duration.ofMillis(50);
    private static final Duration TIMERS_EVERY = Duration.ofMillis(250);
    private static final Duration TIMERS_AT_LEAST_EVERY = Duration.ofSeconds(1);
    private static final long TIMERS_COST_LIMIT = 100;
    private static final Duration WATCHED_EVERY = Duration.ofMillis(500);

    /** Enough for a stall of many minutes, because the timer doubles; more would be a flood. */
    private static final int MAX_TABLES = 200;

    private final Consumer<SocketTable> listener;
    private final boolean alsoNow;
    private final long start = System.nanoTime();
    private final Instant startedAt = Instant.now();
    private final ScheduledExecutorService sampler = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "socket-watch");
        thread.setDaemon(true);
        return thread;
    });

    private final Object telling = new Object();
    private final TcpInfoReader reader = new TcpInfoReader();
    private final List<WatchedSocket> sockets = new ArrayList<>();
    private final List<SocketTable> tables = new ArrayList<>();
    private final List<RunEvent> events = new ArrayList<>();
    private final List<Phase> phases = new ArrayList<>();
    private final List<SocketTable> untold = new ArrayList<>();
    private Map<Integer, Integer> leaders = Map.of();
    private @Nullable String timersUnknown;

    private int round = 1;
    private @Nullable Step step;
    private long nextTimers = start;
    private long nextNow = start;

    /** What the scenario is doing, and which of its moments are still to come. */
    private static final class Step {
        final Phase.Kind kind;
        final OptionalInt partition;
        final long from;
        final Duration expected;
        boolean momentTaken;

        Step(Phase.Kind kind, OptionalInt partition, long from, Duration expected) {
            this.kind = kind;
            this.partition = partition;
            this.from = from;
            this.expected = expected;
        }
    }

    /**
     * Starts to watch.
     *
     * @param listener hears of each table, on the thread of the watch, or on that which calls {@link #moment}
     * @param alsoNow whether it also gets a table for {@link SnapshotTime#WATCHED} twice a second
     */
    public SocketWatch(Consumer<SocketTable> listener, boolean alsoNow) {
        this.listener = listener;
        this.alsoNow = alsoNow;
        sampler.scheduleWithFixedDelay(this::tick, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public synchronized void opened(TunedSocket socket) {
        sockets.add(new WatchedSocket(sockets.size() + 1, socket, now(), events::add));
    }

    @Override
    public synchronized void closed(TunedSocket socket, SocketEnd end) {
        for (WatchedSocket watched : sockets) {
            if (watched.is(socket)) {
                watched.closed(now(), end);
            }
        }
    }

    /** Which node leads which partition, by the producer's metadata. */
    public synchronized void leaders(Map<Integer, Integer> nodeOfPartition) {
        leaders = Map.copyOf(nodeOfPartition);
    }

    /**
     * The scenario begins a step, which ends the one before.
     *
     * @param kind which
     * @param ofRound from 1
     * @param partition of a probe; empty for other steps
     * @param expected how long it will take, for an idle time; zero if not known
     */
    public synchronized void step(Phase.Kind kind, int ofRound, OptionalInt partition, Duration expected) {
        stepDone();
        round = ofRound;
        step = new Step(kind, partition, System.nanoTime(), expected);
    }

    /** The scenario's step is over. */
    public synchronized void stepDone() {
        if (step != null) {
            phases.add(new Phase(step.kind, round, step.partition, offset(step.from), now()));
            step = null;
        }
    }

    /** Takes a table now, and tells the listener before it returns. */
    public void moment(SnapshotTime moment) {
        synchronized (this) {
            sample();
            take(moment);
        }
        tell();
    }

    /** What the client uses a connection for, as far as that is known by now. */
    public synchronized SocketRole role(TunedSocket socket) {
        for (WatchedSocket watched : sockets) {
            if (watched.is(socket)) {
                watched.findNode();
                return watched.role(leaders);
            }
        }
        return SocketRole.UNKNOWN;
    }

    /** All that was seen until now. */
    public synchronized Evidence evidence() {
        sockets.forEach(WatchedSocket::findNode);
        List<SocketHistory> histories =
                sockets.stream().map(watched -> watched.history(leaders)).toList();
        return new Evidence(startedAt, now(), phases, tables, histories, events, unknownBecause());
    }

    /** Stops watching; what was seen stays. */
    @Override
    public void close() {
        sampler.shutdownNow();
    }

    private void tick() {
        try {
            synchronized (this) {
                sample();
                dueMoments();
            }
            tell();
        } catch (RuntimeException e) {
            // An executor would drop the task, and with it all later evidence, without a word.
            LOG.atError()
                    .setMessage("the sockets could not be sampled")
                    .setCause(e)
                    .log();
        }
    }

    /** Outside the lock on what is seen, because a listener may take its time; one at a time and in order. */
    private void tell() {
        synchronized (telling) {
            while (true) {
                SocketTable table;
                synchronized (this) {
                    if (untold.isEmpty()) {
                        return;
                    }
                    table = untold.remove(0);
                }
                listener.accept(table);
            }
        }
    }

    private void dueMoments() {
        long now = System.nanoTime();
        if (step != null && !step.momentTaken) {
            long since = now - step.from;
            if (step.kind == Phase.Kind.IDLE
                    && since >= step.expected.dividedBy(2).toNanos()) {
                step.momentTaken = true;
                take(SnapshotTime.MID_IDLE);
            } else if (step.kind == Phase.Kind.PROBE && since >= WatchedSocket.STALLED_AFTER.toNanos()) {
                step.momentTaken = true;
                take(SnapshotTime.STALLED);
            }
        }
        if (alsoNow && now - nextNow >= 0) {
            nextNow = now + WATCHED_EVERY.toNanos();
            untold.add(table(SnapshotTime.WATCHED, timers()));
        }
    }

    private void sample() {
        boolean grown = false;
        for (WatchedSocket watched : sockets) {
            watched.findNode();
            if (watched.open()) {
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
        if (grown && step != null && step.kind == Phase.Kind.PROBE && step.momentTaken) {
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
            if (watched.open()) {
                watched.line(kernel).ifPresent(line -> watched.timer(now(), line.timer()));
            }
        }
    }

    private void take(SnapshotTime moment) {
        if (tables.size() < MAX_TABLES) {
            SocketTable table = table(moment, timers());
            tables.add(table);
            untold.add(table);
        }
    }

    private SocketTable table(SnapshotTime moment, Optional<ProcNetTcp> kernel) {
        List<SocketRow> rows = new ArrayList<>();
        for (WatchedSocket watched : sockets) {
            if (watched.open()) {
                watched.row(reader, kernel, leaders).ifPresent(rows::add);
            }
        }
        return new SocketTable(moment, round, now(), rows, unknownBecause());
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
