package blackhole.client.evidence;

import blackhole.keepalive.SocketEnd;
import blackhole.keepalive.SocketOptions;
import blackhole.keepalive.Times;
import blackhole.keepalive.TunedSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.common.Node;
import org.jspecify.annotations.Nullable;

/** One socket of a {@link SocketWatch}: its samples and the events they imply. Guarded by the watch. */
final class WatchedSocket {

    /** Data unacknowledged for this long counts as stalled. */
    static final Duration STALLED_AFTER = Duration.ofSeconds(1);

    private static final Duration LONGEST_DELAYED_ACK = Duration.ofMillis(500);

    private final int id;
    private final TunedSocket socket;
    private final Duration openedAt;
    private final TcpInfoReader reader;
    private final Consumer<RunEvent> events;
    private final List<Sample> samples = new ArrayList<>();

    private @Nullable Integer nodeId;
    private SocketInfo last = SocketInfo.NONE;
    private @Nullable KernelTimer timer;
    private Duration unackedSince = Duration.ZERO;
    private @Nullable Duration closedAt;
    private @Nullable SocketEnd end;

    WatchedSocket(int id, TunedSocket socket, Duration openedAt, TcpInfoReader reader, Consumer<RunEvent> events) {
        this.id = id;
        this.socket = socket;
        this.openedAt = openedAt;
        this.reader = reader;
        this.events = events;
        event(openedAt, RunEvent.Kind.OPENED, "to " + TunedSocket.text(socket.remote()));
    }

    boolean isOf(TunedSocket other) {
        return socket.channel() == other.channel();
    }

    boolean isOpen() {
        return closedAt == null && socket.channel().isOpen();
    }

    void closed(Duration at, SocketEnd by) {
        closedAt = at;
        end = by;
        event(at, RunEvent.Kind.CLOSED, by.text());
    }

    /** The client attaches its channel object right after registering the socket, and removes it at the end. */
    void findNode() {
        if (nodeId == null) {
            nodeId = SocketRole.nodeId(socket.key().attachment());
        }
    }

    void noteTimer(Duration at, ProcNetTcp kernel) {
        line(kernel).map(ProcNetTcp.Line::timer).ifPresent(now -> {
            if (timer == null || timer.kind() != now.kind()) {
                event(at, RunEvent.Kind.TIMER, now.toString());
            }
            timer = now;
        });
    }

    /** @return whether the retransmission timeout grew */
    boolean sample(Duration at) {
        SocketInfo before = last;
        SocketInfo info = read().orElse(before);
        last = info;
        if (!isUnchanged(before, info)) {
            samples.add(new Sample(at, info));
        }
        if (!before.state().equals(TcpState.ESTABLISHED) && info.state().equals(TcpState.ESTABLISHED)) {
            event(at, RunEvent.Kind.CONNECTED, "");
        }
        noteAcknowledgement(at, before, info);
        if (info.totalRetransmits() > before.totalRetransmits()) {
            String next = info.backoff() == 0 ? "" : ", next after " + Times.text(info.rto());
            event(at, RunEvent.Kind.RETRANSMISSION, "number " + info.totalRetransmits() + next);
        } else if (isKeepaliveProbe(before, info)) {
            boolean answered = info.unansweredProbes() == 0;
            event(at, RunEvent.Kind.KEEPALIVE_PROBE, answered ? "answered" : info.unansweredProbes() + " unanswered");
        }
        return info.backoff() > before.backoff() || (info.retransmits() > before.retransmits() && info.backoff() > 0);
    }

    /**
     * @param kernel null if it could not be read
     * @return empty if it has been closed
     */
    Optional<SocketRow> row(@Nullable ProcNetTcp kernel, Map<Integer, Node> leaders) {
        Optional<SocketInfo> info = read();
        Optional<ProcNetTcp.Line> line = Optional.ofNullable(kernel).flatMap(this::line);
        if (info.isEmpty() && line.isEmpty() && !socket.channel().isOpen()) {
            return Optional.empty();
        }
        return Optional.of(new SocketRow(
                id,
                socket.local(),
                socket.remote(),
                SocketRole.of(nodeId, leaders),
                info.map(SocketInfo::state)
                        .or(() -> line.map(ProcNetTcp.Line::state))
                        .orElse("unknown"),
                line.map(ProcNetTcp.Line::timer).orElse(null),
                socket.inForce(),
                info.orElse(null)));
    }

    private Optional<SocketInfo> read() {
        return reader.read(socket.channel(), socket.local());
    }

    private Optional<ProcNetTcp.Line> line(ProcNetTcp kernel) {
        return kernel.find(socket.local(), socket.remote());
    }

    SocketHistory history(Map<Integer, Node> leaders) {
        return new SocketHistory(
                id,
                socket.local(),
                socket.remote(),
                SocketRole.of(nodeId, leaders),
                socket.inForce(),
                socket.problems(),
                openedAt,
                closedAt,
                end,
                List.copyOf(samples));
    }

    /**
     * Returns whether a segment without data was sent that is not a delayed acknowledgement: those follow data within half a
     * second, a keepalive probe after a second at the earliest.
     */
    private boolean isKeepaliveProbe(SocketInfo before, SocketInfo info) {
        boolean alive =
                before.state().equals(TcpState.ESTABLISHED) && info.state().equals(before.state());
        boolean idle = before.unacked() == 0
                && info.unacked() == 0
                && info.dataSegmentsOut() == before.dataSegmentsOut()
                && info.bytesReceived() == before.bytesReceived()
                && info.sinceData().compareTo(LONGEST_DELAYED_ACK) > 0;
        SocketOptions options = socket.inForce();
        boolean keepAlive = options != null && options.keepAlive();
        return alive && idle && keepAlive && info.segmentsOut() > before.segmentsOut();
    }

    private void noteAcknowledgement(Duration at, SocketInfo before, SocketInfo info) {
        boolean waited = before.unacked() > 0;
        if (waited && info.bytesAcked() > before.bytesAcked()) {
            Duration waitedFor = at.minus(unackedSince);
            if (waitedFor.compareTo(STALLED_AFTER) >= 0) {
                event(at, RunEvent.Kind.ACKNOWLEDGED, "after " + Times.text(waitedFor));
            }
        }
        if (!waited || info.bytesAcked() > before.bytesAcked()) {
            unackedSince = at;
        }
    }

    private static boolean isUnchanged(SocketInfo a, SocketInfo b) {
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

    private void event(Duration at, RunEvent.Kind kind, String text) {
        events.accept(new RunEvent(at, id, kind, text));
    }
}
