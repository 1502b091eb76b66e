package blackhole.proxy.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps connections few, and closes those that take too long to ask or to be answered. Runs on the server's event loop.
 */
public final class ConnectionGuard {
    private final Vertx vertx;
    private final Limits limits;
    /** The timer that will close each connection, unless it is rewound. */
    private final Map<HttpConnection, Long> timers = new HashMap<>();

    public ConnectionGuard(Vertx vertx, Limits limits) {
        this.vertx = vertx;
        this.limits = limits;
    }

    public void opened(HttpConnection connection) {
        if (timers.size() >= limits.connections()) {
            abort(connection);
            return;
        }
        timers.put(connection, closeAfter(limits.betweenRequests(), connection));
        connection.closeHandler(closed -> {
            Long timer = timers.remove(connection);
            if (timer != null) {
                vertx.cancelTimer(timer);
            }
        });
    }

    /** A request is read and answered from now on. */
    public void requested(HttpConnection connection) {
        rewind(connection, limits.request());
    }

    /** A request is answered, and the next may take its time. */
    public void answered(HttpConnection connection) {
        rewind(connection, limits.betweenRequests());
    }

    /** The connection carries a stream and may last. */
    public void streams(HttpConnection connection) {
        Long timer = timers.get(connection);
        if (timer != null) {
            vertx.cancelTimer(timer);
        }
    }

    private void rewind(HttpConnection connection, Duration time) {
        Long timer = timers.get(connection);
        if (timer != null) {
            vertx.cancelTimer(timer);
            timers.put(connection, closeAfter(time, connection));
        }
    }

    private long closeAfter(Duration time, HttpConnection connection) {
        return vertx.setTimer(time.toMillis(), fired -> abort(connection));
    }

    /** Closes all connections. */
    public void abortAll() {
        List.copyOf(timers.keySet()).forEach(ConnectionGuard::abort);
    }

    /** Closes the connection at once. Vert.x itself would first wait for a peer that takes nothing. */
    public static void abort(HttpConnection connection) {
        if (connection instanceof ConnectionBase internal) {
            internal.channelHandlerContext().close();
        } else {
            connection.close();
        }
    }
}
