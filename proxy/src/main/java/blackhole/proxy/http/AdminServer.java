package blackhole.proxy.http;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.BindProblem;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.UsageException;
import blackhole.middlebox.flow.FlowListener;
import blackhole.proxy.api.Api;
import blackhole.proxy.api.ConfigView;
import blackhole.proxy.api.Health;
import blackhole.proxy.api.Labels;
import blackhole.proxy.api.Scene;
import blackhole.proxy.api.SettingsWatch;
import blackhole.proxy.events.EventStreams;
import blackhole.proxy.metrics.Metrics;
import blackhole.proxy.metrics.Monitoring;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Control of a running proxy over HTTP: its flows, settings, events and metrics. {@code /openapi.json} says what there
 * is. Has threads of its own, and touches the relay's event loops only to append an event or to ask for the flow table.
 *
 * <pre>{@code
 * try (AdminServer admin = AdminServer.start(proxy, Endpoint.parseListen("0"), null)) {
 *     open("http://" + admin.endpoint() + "/");
 * }
 * }</pre>
 */
public final class AdminServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);

    private static final int WORKERS = 4;
    private static final int LONGEST_REQUEST_LINE = 4 * 1024;
    private static final int LONGEST_HEADERS = 16 * 1024;
    private static final int SEND_BUFFER = 128 * 1024;
    private static final long PROBE_MILLIS = 1_000;

    private final Middlebox proxy;
    private final Vertx vertx;
    private final FlowListener listener;
    private final Labels labels;
    private final Metrics metrics;
    private final Context context;
    private final ConnectionGuard connections;
    private final AdminRouter router;
    private final HttpServer server;
    private final InetSocketAddress address;
    private final long probing;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Starts answering.
     *
     * @param listen where; port 0 means any free one
     * @param token what requests must bring as a bearer token; null for none, which goes with a loopback address alone
     * @throws UsageException when it can't be listened on, or others could reach it without a token
     */
    public static AdminServer start(Middlebox proxy, Endpoint listen, @Nullable String token) {
        return start(proxy, listen, token, Limits.DEFAULT);
    }

    public static AdminServer start(Middlebox proxy, Endpoint listen, @Nullable String token, Limits limits) {
        return new AdminServer(proxy, listen, resolve(listen, token), token, limits);
    }

    /** @throws UsageException when there is no such address, or others could reach it without a token */
    public static void check(Endpoint listen, @Nullable String token) {
        resolve(listen, token);
    }

    public static InetSocketAddress resolve(Endpoint listen, @Nullable String token) {
        InetSocketAddress address = new InetSocketAddress(listen.host(), listen.port());
        if (address.isUnresolved()) {
            throw new UsageException("admin", listen + ": the name " + listen.host() + " can't be resolved");
        }
        if (token == null && !address.getAddress().isLoopbackAddress()) {
            throw new UsageException(
                    "admin", listen + " can be reached from other machines, so it needs --admin-token-file");
        }
        return address;
    }

    private AdminServer(
            Middlebox proxy, Endpoint listen, InetSocketAddress wanted, @Nullable String token, Limits limits) {
        this.proxy = proxy;
        vertx = newVertx();
        context = vertx.getOrCreateContext();
        EventStreams streams = new EventStreams(() -> sceneOf(proxy), limits, vertx, context);
        metrics = new Metrics(proxy, streams);
        labels = new Labels();
        labels.addListener(streams::publish);
        listener = event -> {
            metrics.count(event);
            labels.onEvent(event);
            streams.publish(event);
        };
        proxy.addListener(listener);
        SettingsWatch settings = new SettingsWatch(proxy, streams::publish);
        Health health = new Health(proxy, metrics::eventLoopLag);
        connections = new ConnectionGuard(vertx, limits);
        router = new AdminRouter(
                vertx,
                limits,
                new AccessRules(listen, wanted.getAddress(), token),
                connections,
                new Api(proxy, settings, labels),
                streams,
                Optional.of(new Monitoring(proxy, metrics, health)),
                Optional.empty());
        server = newServer(vertx, connections, router);
        probing = vertx.setPeriodic(PROBE_MILLIS, tick -> {
            settings.look();
            vertx.executeBlocking(
                    () -> {
                        health.probe();
                        return true;
                    },
                    false);
        });
        try {
            listen(server, listen, wanted);
        } catch (UsageException e) {
            close();
            throw e;
        }
        address = new InetSocketAddress(wanted.getAddress(), server.actualPort());
    }

    private static Scene sceneOf(Middlebox proxy) {
        return new Scene(Instant.now(), proxy.hasOutage(), ConfigView.of(proxy.middlebox()), null);
    }

    /** @throws UsageException when it can't be listened on */
    public static void listen(HttpServer server, Endpoint listen, InetSocketAddress address) {
        try {
            await(server.listen(SocketAddress.inetSocketAddress(address)));
        } catch (CompletionException e) {
            throw new UsageException("admin", listen + ": " + BindProblem.of(e.getCause()));
        }
    }

    public static HttpServer newServer(Vertx vertx, ConnectionGuard connections, AdminRouter router) {
        return vertx.createHttpServer(options())
                .connectionHandler(connections::opened)
                .invalidRequestHandler(Answers::refuse)
                .exceptionHandler(broken -> LOG.atDebug().setCause(broken).log("an admin connection broke"))
                .requestHandler(router.router());
    }

    public static Vertx newVertx() {
        return Vertx.builder()
                .with(new VertxOptions()
                        .setEventLoopPoolSize(1)
                        .setWorkerPoolSize(WORKERS)
                        .setInternalBlockingPoolSize(1)
                        .setUseDaemonThread(true)
                        // No directory for cached files: nothing is served from the class path by Vert.x itself.
                        .setFileSystemOptions(new FileSystemOptions()
                                .setClassPathResolvingEnabled(false)
                                .setFileCachingEnabled(false)))
                .build();
    }

    private static HttpServerOptions options() {
        return new HttpServerOptions()
                .setHttp2ClearTextEnabled(false)
                .setMaxInitialLineLength(LONGEST_REQUEST_LINE)
                .setMaxHeaderSize(LONGEST_HEADERS)
                .setSendBufferSize(SEND_BUFFER)
                .setTcpKeepAlive(true);
    }

    public static <T> T await(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return address;
    }

    /** Where it listens, as it is written in a URL: {@code 127.0.0.1:8080}. */
    public Endpoint endpoint() {
        return Endpoint.of(address);
    }

    public Labels labels() {
        return labels;
    }

    /** What there is, each as {@code GET /api/v1/flows/{id}}. */
    public Set<String> operations() {
        return router.operations();
    }

    /** Closes all connections and ends its threads; the proxy goes on. Idempotent. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        proxy.removeListener(listener);
        vertx.cancelTimer(probing);
        Promise<Void> aborted = Promise.promise();
        context.runOnContext(now -> {
            connections.abortAll();
            aborted.complete();
        });
        await(aborted.future());
        await(server.close().otherwiseEmpty());
        await(vertx.close());
        metrics.close();
    }
}
