package blackhole.proxy.http;

import blackhole.proxy.api.Limits;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Limits the number of connections, and closes those whose requests take too long. Runs on the server's event loop. */
final class ConnectionGuard {
    private final Vertx vertx;
    private final Limits limits;
    /** The timer that closes each connection. */
    private final Map<HttpConnection, Long> timers = new HashMap<>();

    ConnectionGuard(Vertx vertx, Limits limits) {
        this.vertx = vertx;
        this.limits = limits;
    }

    void opened(HttpConnection connection) {
        if (timers.size() >= limits.connections()) {
            connection.close();
            return;
        }
        timers.put(connection, closeAfter(limits.betweenRequests(), connection));
        connection.closeHandler(closed -> {
            endless(connection);
            timers.remove(connection);
        });
    }

    /** Limits the time for reading and answering a request. */
    void requested(HttpConnection connection) {
        limit(connection, limits.request());
    }

    /** Limits the time until the next request. */
    void answered(HttpConnection connection) {
        limit(connection, limits.betweenRequests());
    }

    /** Lifts the limit, for an event stream. */
    void endless(HttpConnection connection) {
        Long timer = timers.get(connection);
        if (timer != null) {
            vertx.cancelTimer(timer);
        }
    }

    private void limit(HttpConnection connection, Duration time) {
        endless(connection);
        timers.computeIfPresent(connection, (open, timer) -> closeAfter(time, open));
    }

    private long closeAfter(Duration time, HttpConnection connection) {
        return vertx.setTimer(time.toMillis(), fired -> connection.close());
    }
}
