package blackhole.proxy.http;

import blackhole.middlebox.config.BindProblem;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.UsageException;
import blackhole.proxy.api.Limits;
import blackhole.proxy.api.Resources;
import blackhole.proxy.events.EventStreams;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves {@link Resources}, an event stream and the live page. Runs on its own threads. */
public final class WebServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);

    private static final int WORKERS = 4;
    private static final int MAX_REQUEST_LINE = 4 * 1024;
    private static final int MAX_HEADERS = 16 * 1024;
    private static final int SEND_BUFFER = 128 * 1024;

    private final Limits limits;
    private final Vertx vertx = newVertx();
    private final Context context = vertx.getOrCreateContext();
    private final EventStreams streams;
    private final AtomicBoolean closed = new AtomicBoolean();
    private Set<String> operations = Set.of();
    private @Nullable Endpoint endpoint;

    public WebServer(Limits limits) {
        this.limits = limits;
        streams = new EventStreams(limits, vertx, context);
    }

    private static Vertx newVertx() {
        return Vertx.builder()
                .with(new VertxOptions()
                        .setEventLoopPoolSize(1)
                        .setWorkerPoolSize(WORKERS)
                        .setInternalBlockingPoolSize(1)
                        .setUseDaemonThread(true)
                        // No cache directory: Vert.x itself serves nothing from the class path.
                        .setFileSystemOptions(new FileSystemOptions()
                                .setClassPathResolvingEnabled(false)
                                .setFileCachingEnabled(false)))
                .build();
    }

    public EventStreams streams() {
        return streams;
    }

    /** Runs {@code task} on the event loop periodically until the server is closed. */
    public void every(Duration period, Runnable task) {
        vertx.setPeriodic(period.toMillis(), tick -> task.run());
    }

    /** Runs {@code task} on a worker thread again and again until the server is closed. */
    void everyOnWorker(Duration period, Runnable task) {
        every(period, () -> vertx.executeBlocking(Executors.callable(task), false)
                .onFailure(e -> LOG.atWarn().setCause(e).log("a periodic task of the admin server failed")));
    }

    /**
     * Starts listening; closes this server if that fails.
     *
     * @param token the bearer token that requests must carry; null for none, allowed only on a loopback address
     * @throws UsageException if the server can't listen on the address, or can be reached from other machines without a token
     */
    public void start(Resources resources, Endpoint listen, @Nullable String token) {
        try {
            InetSocketAddress wanted = resolve(listen, token);
            ConnectionGuard connections = new ConnectionGuard(vertx, limits);
            AccessRules access = new AccessRules(listen, wanted.getAddress(), token);
            Routes routes = new Routes(vertx, limits, access, connections, resources, streams);
            operations = routes.operations();
            int port = await(vertx.createHttpServer(options())
                            .connectionHandler(connections::opened)
                            .invalidRequestHandler(Responses::invalid)
                            .exceptionHandler(e -> LOG.atDebug().setCause(e).log("an admin connection failed"))
                            .requestHandler(routes.router())
                            .listen(SocketAddress.inetSocketAddress(wanted)))
                    .actualPort();
            endpoint = Endpoint.of(new InetSocketAddress(wanted.getAddress(), port));
        } catch (CompletionException e) {
            close();
            throw new UsageException(
                    "admin", listen + ": " + BindProblem.of(Objects.requireNonNullElse(e.getCause(), e)));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private HttpServerOptions options() {
        return new HttpServerOptions()
                .setHttp2ClearTextEnabled(false)
                .setMaxInitialLineLength(MAX_REQUEST_LINE)
                .setMaxHeaderSize(MAX_HEADERS)
                .setSendBufferSize(SEND_BUFFER)
                .setTcpKeepAlive(true)
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setWriteIdleTimeout((int) limits.stalled().toMillis());
    }

    /** @throws UsageException if the address is unknown, or can be reached from other machines without a token */
    public static InetSocketAddress resolve(Endpoint listen, @Nullable String token) {
        InetSocketAddress address = new InetSocketAddress(listen.host(), listen.port());
        if (address.isUnresolved()) {
            throw new UsageException("admin", listen + ": the name " + listen.host() + " can't be resolved");
        }
        if (token == null && !address.getAddress().isLoopbackAddress()) {
            throw new UsageException("admin", listen + " can be reached from other machines; add --admin-token-file");
        }
        return address;
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    /** Returns the address as it is written in a URL, once the server has started. */
    public Endpoint endpoint() {
        return Objects.requireNonNull(endpoint, "not started");
    }

    Set<String> operations() {
        return operations;
    }

    /** Closes all connections and ends the threads. Idempotent. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            await(vertx.close());
        }
    }
}
