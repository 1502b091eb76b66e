package blackhole.proxy.http;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.UsageException;
import blackhole.middlebox.flow.FlowListener;
import blackhole.proxy.api.Health;
import blackhole.proxy.api.Labels;
import blackhole.proxy.api.Limits;
import blackhole.proxy.api.LiveResources;
import blackhole.proxy.api.SettingsWatch;
import blackhole.proxy.events.EventStreams;
import blackhole.proxy.metrics.Metrics;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The live page and API of a running proxy: its flows, settings, events and metrics; see {@code /openapi.json}. Has
 * threads of its own, and uses the relay's event loops only to append an event or to read the flow table.
 *
 * <pre>{@code
 * try (AdminServer admin = AdminServer.start(proxy, Endpoint.parseListen("0"), null)) {
 *     open("http://" + admin.endpoint() + "/");
 * }
 * }</pre>
 */
public final class AdminServer implements AutoCloseable {
    private static final Duration PROBE = Duration.ofSeconds(1);

    private final Middlebox proxy;
    private final WebServer server;
    private final Labels labels = new Labels();
    private final Metrics metrics;
    private final FlowListener listener;

    /**
     * Starts the server.
     *
     * @param listen the address; port 0 means any free one
     * @param token the bearer token that requests must have; null for none, for a loopback address only
     * @throws UsageException if the address can't be listened on, or can be reached from other machines without a token
     */
    public static AdminServer start(Middlebox proxy, Endpoint listen, @Nullable String token) {
        return new AdminServer(proxy, listen, token, Limits.DEFAULT);
    }

    AdminServer(Middlebox proxy, Endpoint listen, @Nullable String token, Limits limits) {
        this.proxy = proxy;
        server = new WebServer(limits);
        EventStreams streams = server.streams();
        metrics = new Metrics(proxy, streams::openStreams, streams::missedEvents);
        labels.addListener(streams::publish);
        SettingsWatch settings = new SettingsWatch(proxy, streams::publish);
        Health health = new Health(proxy, metrics::eventLoopLag);
        server.every(PROBE, settings::check);
        server.everyOnWorker(PROBE, health::probe);
        server.start(new LiveResources(proxy, settings, labels, health, metrics), listen, token);
        listener = event -> {
            metrics.count(event);
            labels.onEvent(event);
            streams.publish(event);
        };
        proxy.addListener(listener);
    }

    /** Returns the address as it is written in a URL, such as {@code 127.0.0.1:8080}. */
    public Endpoint endpoint() {
        return server.endpoint();
    }

    public Labels labels() {
        return labels;
    }

    /** Returns the operations of the API, such as {@code GET /api/v1/flows/{id}}. */
    public Set<String> operations() {
        return server.operations();
    }

    /** Closes all connections and ends the server's threads; the proxy continues to run. Idempotent. */
    @Override
    public void close() {
        proxy.removeListener(listener);
        server.close();
        metrics.close();
    }
}
