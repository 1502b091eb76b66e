package blackhole.proxy.recording;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.UsageException;
import blackhole.proxy.events.EventStreams;
import blackhole.proxy.http.AccessRules;
import blackhole.proxy.http.AdminRouter;
import blackhole.proxy.http.AdminServer;
import blackhole.proxy.http.ConnectionGuard;
import blackhole.proxy.http.Limits;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Plays a recording over the same HTTP resources as a proxy that runs, with the live page, and without a broker. */
public final class ReplayServer implements AutoCloseable {
    private static final long STEP_MILLIS = 20;

    private final Vertx vertx = AdminServer.newVertx();
    private final Context context = vertx.getOrCreateContext();
    private final ConnectionGuard connections;
    private final Replay replay;
    private final EventStreams streams;
    private final HttpServer server;
    private final Endpoint endpoint;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Starts playing.
     *
     * @param file what a {@link Recorder} wrote
     * @param listen where; port 0 means any free one
     * @param token as for {@link AdminServer#start}
     * @param speed 2 for twice as fast as it happened
     * @throws UsageException when the file is no recording, or it can't be listened
     */
    public static ReplayServer start(Path file, Endpoint listen, @Nullable String token, double speed) {
        InetSocketAddress address = AdminServer.resolve(listen, token);
        return new ReplayServer(Recording.read(file), listen, address, token, speed);
    }

    private ReplayServer(
            Recording recording, Endpoint listen, InetSocketAddress wanted, @Nullable String token, double speed) {
        Limits limits = Limits.DEFAULT;
        replay = new Replay(recording, speed, System::nanoTime);
        connections = new ConnectionGuard(vertx, limits);
        streams = new EventStreams(replay::scene, limits, vertx, context);
        AdminRouter router = new AdminRouter(
                vertx,
                limits,
                new AccessRules(listen, wanted.getAddress(), token),
                connections,
                replay,
                streams,
                Optional.empty(),
                Optional.of(this::restart));
        server = AdminServer.newServer(vertx, connections, router);
        vertx.setPeriodic(STEP_MILLIS, step -> replay.advance(streams::publish));
        try {
            AdminServer.listen(server, listen, wanted);
        } catch (UsageException e) {
            close();
            throw e;
        }
        endpoint = new Endpoint(wanted.getAddress().getHostAddress(), server.actualPort());
    }

    private void restart() {
        replay.restart();
        streams.restart();
    }

    /** Where it listens. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** Closes all connections and ends its threads. Idempotent. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        Promise<Void> aborted = Promise.promise();
        context.runOnContext(now -> {
            connections.abortAll();
            aborted.complete();
        });
        AdminServer.await(aborted.future());
        AdminServer.await(server.close().otherwiseEmpty());
        AdminServer.await(vertx.close());
    }
}
