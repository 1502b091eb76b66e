package blackhole.client.evidence;

import blackhole.client.socket.SocketEnd;
import blackhole.client.socket.SocketListener;
import blackhole.client.socket.SocketOptions;
import blackhole.client.socket.TunedSocket;
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
 * {@link SocketTable} at each {@link Moment}. Thread-safe.
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
    private static final Duration LONGEST_DELAYED_ACK = Duration.ofMillis(500);
    private static final Duration STALLED_AFTER = Duration.ofSeconds(1);
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
    private final List<Watched> sockets = new ArrayList<>();
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

    private static final class Watched {
        final int id;
        final TunedSocket socket;
        final Duration openedAt;
        final List<Sample> samples = new ArrayList<>();

        @Nullable
        Integer nodeId;

        @Nullable
        TcpInfo last;

        @Nullable
        KernelTimer timer;

        long unackedSince;

        @Nullable
        Duration closedAt;

        @Nullable
        SocketEnd end;

        Watched(int id, TunedSocket socket, Duration openedAt) {
            this.id = id;
            this.socket = socket;
            this.openedAt = openedAt;
        }

        boolean open() {
            return closedAt == null && socket.channel().isOpen();
        }
    }

    /**
     * Starts to watch.
     *
     * @param listener hears of each table, on the thread of the watch, or on that which calls {@link #moment}
     * @param alsoNow whether it also gets a table for {@link Moment#WATCHED} twice a second
     */
    public SocketWatch(Consumer<SocketTable> listener, boolean alsoNow) {
        this.listener = listener;
        this.alsoNow = alsoNow;
        sampler.scheduleWithFixedDelay(this::tick, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public synchronized void opened(TunedSocket socket) {
        Watched watched = new Watched(sockets.size() + 1, socket, now());
        sockets.add(watched);
        event(watched, RunEvent.Kind.OPENED, "to " + Ends.text(socket.remote()));
    }

    @Override
    public synchronized void closed(TunedSocket socket, SocketEnd end) {
        for (Watched watched : sockets) {
            if (watched.socket == socket && watched.closedAt == null) {
                watched.closedAt = now();
                watched.end = end;
                event(watched, RunEvent.Kind.CLOSED, Ends.endedBy(end));
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
    public void moment(Moment moment) {
        synchronized (this) {
            sample();
            take(moment);
        }
        tell();
    }

    /** All that was seen until now. */
    public synchronized Evidence evidence() {
        List<SocketHistory> histories = sockets.stream()
                .map(watched -> new SocketHistory(
                        watched.id,
                        watched.socket.local(),
                        watched.socket.remote(),
                        SocketRole.of(watched.nodeId, leaders),
                        watched.socket.inForce(),
                        watched.socket.problems(),
                        watched.openedAt,
                        Optional.ofNullable(watched.closedAt),
                        Optional.ofNullable(watched.end),
                        watched.samples))
                .toList();
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
                take(Moment.MID_IDLE);
            } else if (step.kind == Phase.Kind.PROBE && since >= STALLED_AFTER.toNanos()) {
                step.momentTaken = true;
                take(Moment.STALLED);
            }
        }
        if (alsoNow && now - nextNow >= 0) {
            nextNow = now + WATCHED_EVERY.toNanos();
            untold.add(table(Moment.WATCHED, timers()));
        }
    }

    private void sample() {
        boolean grown = false;
        for (Watched watched : sockets) {
            if (watched.nodeId == null) {
                watched.nodeId = SocketRole.nodeId(watched.socket.key().attachment());
            }
            if (watched.open()) {
                Optional<TcpInfo> read = reader.read(watched.socket.channel(), watched.socket.local());
                if (read.isPresent()) {
                    grown |= changed(watched, read.get());
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
            take(Moment.RETRANSMISSION);
        }
    }

    /** @return whether the retransmission timer has grown */
    private boolean changed(Watched watched, TcpInfo info) {
        TcpInfo before = watched.last;
        watched.last = info;
        if (before == null || !same(before, info)) {
            watched.samples.add(new Sample(now(), info));
        }
        if ((before == null || before.state().equals(TcpState.name(TcpState.SYN_SENT)))
                && info.state().equals(TcpState.name(TcpState.ESTABLISHED))) {
            event(watched, RunEvent.Kind.CONNECTED, "");
        }
        noteAcknowledgement(watched, before, info);
        if (before == null) {
            return false;
        }
        if (info.totalRetransmits() > before.totalRetransmits()) {
            String next = info.backoff() == 0 ? "" : ", next after " + Times.text(info.rto());
            event(watched, RunEvent.Kind.RETRANSMISSION, "number " + info.totalRetransmits() + next);
        } else if (isKeepaliveProbe(watched, before, info)) {
            boolean answered = info.unansweredProbes() == 0;
            event(
                    watched,
                    RunEvent.Kind.KEEPALIVE_PROBE,
                    answered ? "answered" : info.unansweredProbes() + " unanswered");
        }
        return info.backoff() > before.backoff() || info.retransmits() > before.retransmits() && info.backoff() > 0;
    }

    /**
     * A segment without data went out although nothing had come in that it could acknowledge: a delayed acknowledgement
     * follows data within half a second, a keepalive probe after a second at the earliest.
     */
    private static boolean isKeepaliveProbe(Watched watched, TcpInfo before, TcpInfo info) {
        boolean alive = before.state().equals(TcpState.name(TcpState.ESTABLISHED))
                && info.state().equals(before.state());
        boolean quiet = before.unacked() == 0
                && info.unacked() == 0
                && info.dataSegmentsOut() == before.dataSegmentsOut()
                && info.bytesReceived() == before.bytesReceived()
                && info.sinceData().compareTo(LONGEST_DELAYED_ACK) > 0;
        boolean keepAlive =
                watched.socket.inForce().map(SocketOptions::keepAlive).orElse(false);
        return alive && quiet && keepAlive && info.segmentsOut() > before.segmentsOut();
    }

    private void noteAcknowledgement(Watched watched, @Nullable TcpInfo before, TcpInfo info) {
        long now = System.nanoTime();
        boolean waited = before != null && before.unacked() > 0;
        if (info.unacked() > 0 && !waited) {
            watched.unackedSince = now;
        }
        boolean progress = before != null && info.bytesAcked() > before.bytesAcked();
        if (waited && progress) {
            Duration waitedFor = Duration.ofNanos(now - watched.unackedSince);
            if (waitedFor.compareTo(STALLED_AFTER) >= 0) {
                event(watched, RunEvent.Kind.ACKNOWLEDGED, "after " + Times.text(waitedFor));
            }
            watched.unackedSince = now;
        }
    }

    private static boolean same(TcpInfo a, TcpInfo b) {
        return a.state().equals(b.state())
                && a.backoff() == b.backoff()
                && a.unacked() == b.unacked()
                && a.unansweredProbes() == b.unansweredProbes()
                && a.totalRetransmits() == b.totalRetransmits()
                && a.bytesSent() == b.bytesSent()
                && a.bytesAcked() == b.bytesAcked()
                && a.bytesReceived() == b.bytesReceived()
                && a.segmentsOut() == b.segmentsOut()
                && a.segmentsIn() == b.segmentsIn();
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
        for (Watched watched : sockets) {
            if (!watched.open()) {
                continue;
            }
            Optional<ProcNetTcp.Line> line = kernel.find(watched.socket.local(), watched.socket.remote());
            if (line.isPresent()) {
                KernelTimer timer = line.get().timer();
                if (watched.timer == null || watched.timer.kind() != timer.kind()) {
                    event(watched, RunEvent.Kind.TIMER, timer.toString());
                }
                watched.timer = timer;
            }
        }
    }

    private void take(Moment moment) {
        if (tables.size() < MAX_TABLES) {
            SocketTable table = table(moment, timers());
            tables.add(table);
            untold.add(table);
        }
    }

    private SocketTable table(Moment moment, Optional<ProcNetTcp> kernel) {
        List<SocketRow> rows = new ArrayList<>();
        for (Watched watched : sockets) {
            TunedSocket socket = watched.socket;
            if (!watched.open()) {
                continue;
            }
            Optional<TcpInfo> info = reader.read(socket.channel(), socket.local());
            Optional<ProcNetTcp.Line> line = kernel.flatMap(lines -> lines.find(socket.local(), socket.remote()));
            if (info.isEmpty() && line.isEmpty() && !socket.channel().isOpen()) {
                continue;
            }
            String state = info.map(TcpInfo::state)
                    .or(() -> line.map(found -> TcpState.name(found.state())))
                    .orElse("unknown");
            rows.add(new SocketRow(
                    watched.id,
                    socket.local(),
                    socket.remote(),
                    SocketRole.of(watched.nodeId, leaders),
                    state,
                    line.map(ProcNetTcp.Line::timer),
                    socket.inForce(),
                    info));
        }
        return new SocketTable(moment, round, now(), rows, unknownBecause());
    }

    private Optional<String> unknownBecause() {
        Optional<String> info = reader.unavailable();
        return timersUnknown == null
                ? info
                : Optional.of(info.map(reason -> reason + "; ").orElse("") + timersUnknown);
    }

    private void event(Watched watched, RunEvent.Kind kind, String text) {
        events.add(new RunEvent(now(), watched.id, kind, text));
    }

    private Duration now() {
        return offset(System.nanoTime());
    }

    private Duration offset(long nanoTime) {
        return Duration.ofNanos(nanoTime - start);
    }
}
