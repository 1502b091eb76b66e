package blackhole.proxy.wrap;

import blackhole.middlebox.config.Durations;
import blackhole.middlebox.flow.EventText;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.FlowHealed;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import blackhole.middlebox.flow.FlowListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reports which connections of a command expired and how long each hung: from the first segment discarded until the command
 * closed its socket, which only that socket's state tells, as a blackholed flow sees no FIN. Thread-safe.
 */
public final class HangReport implements FlowListener {
    /** A command that opens and loses more than this has made its point. */
    private static final int MAX_EXPIRED = 1_000;

    private final Map<Long, Connection> open = new TreeMap<>();
    private final Map<Long, Connection> expired = new TreeMap<>();
    private long opened;
    private long notListed;

    private static final class Connection {
        final InetSocketAddress client;
        final @Nullable InetSocketAddress upstream;

        @Nullable
        FlowExpired expiry;

        long discarded;

        @Nullable
        Instant hungSince;

        @Nullable
        Instant hungUntil;

        String end = "";

        Connection(FlowOpened event) {
            client = event.client();
            upstream = event.upstream();
        }

        boolean isHanging() {
            return hungSince != null && hungUntil == null;
        }

        void end(Instant at, String how) {
            if (isHanging()) {
                hungUntil = at;
                end = how;
            }
        }
    }

    @Override
    public synchronized void onEvent(FlowEvent event) {
        if (event instanceof FlowOpened opening) {
            opened++;
            open.put(event.flowId(), new Connection(opening));
            return;
        }
        Connection connection = open.get(event.flowId());
        if (connection == null) {
            return;
        }
        if (event instanceof FlowExpired expiry) {
            connection.expiry = expiry;
            if (expired.size() < MAX_EXPIRED) {
                expired.put(event.flowId(), connection);
            } else {
                notListed++;
            }
        } else if (event instanceof SegmentDiscarded) {
            connection.discarded++;
            if (connection.hungSince == null) {
                connection.hungSince = event.at();
            }
        } else if (event instanceof FlowHealed) {
            connection.end(event.at(), "healed");
        } else if (event instanceof FlowClosed) {
            connection.end(event.at(), "ended by the proxy");
            open.remove(event.flowId());
        }
    }

    /** Looks which of the hanging connections the command has closed. Call several times a second. */
    public synchronized void look() throws IOException {
        if (expired.values().stream().noneMatch(Connection::isHanging)) {
            return;
        }
        ClientSockets sockets = ClientSockets.now();
        Instant now = Instant.now();
        for (Connection connection : expired.values()) {
            if (connection.isHanging() && connection.upstream != null) {
                Boolean isOpen = sockets.isOpen(connection.client, connection.upstream);
                if (isOpen == null) {
                    connection.end(now, "timed out or was reset");
                } else if (!isOpen) {
                    connection.end(now, "closed by the command");
                }
            }
        }
    }

    /** Returns the report as of the command's end. */
    public synchronized String text(Instant commandEnded) {
        StringBuilder text = new StringBuilder("%d %s, %d expired%n"
                .formatted(opened, opened == 1 ? "connection" : "connections", expired.size() + notListed));
        expired.forEach((id, connection) -> text.append("  flow %d to %s %s; %s%n"
                .formatted(
                        id,
                        EventText.of(connection.upstream),
                        expiry(Objects.requireNonNull(connection.expiry, "set before it is put into the map")),
                        hang(connection, commandEnded))));
        return notListed == 0
                ? text.toString()
                : text.append("  and %d more%n".formatted(notListed)).toString();
    }

    private static String expiry(FlowExpired event) {
        return EventText.of(event).replaceFirst("^flow \\d+ ", "").replaceFirst(": .*$", "");
    }

    private static String hang(Connection connection, Instant commandEnded) {
        if (connection.hungSince == null) {
            return "nothing was sent after that";
        }
        Instant until = connection.hungUntil == null ? commandEnded : connection.hungUntil;
        return "%d %s discarded, hung for %s, then %s"
                .formatted(
                        connection.discarded,
                        connection.discarded == 1 ? "segment" : "segments",
                        Durations.seconds(Duration.between(connection.hungSince, until)),
                        connection.hungUntil == null ? "the command ended" : connection.end);
    }
}
