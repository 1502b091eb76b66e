package blackhole.proxy.api;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Upstream;
import blackhole.middlebox.config.UsageException;
import blackhole.middlebox.flow.BackgroundFailure;
import blackhole.middlebox.flow.Flow;
import blackhole.proxy.metrics.Metrics;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The resources of a running proxy. Most methods wait for its event loops. */
public final class LiveResources implements Resources {
    private static final Logger LOG = LoggerFactory.getLogger(LiveResources.class);

    private final Middlebox proxy;
    private final Labels labels;
    private final SettingsWatch settings;
    private final Health health;
    private final Metrics metrics;

    /** A route that listens, and its address, whose port is never 0. */
    public record RouteView(
            InetSocketAddress listen, @Nullable String upstream) {
        public static List<RouteView> all(Middlebox proxy) {
            List<InetSocketAddress> addresses = proxy.addresses();
            return IntStream.range(0, addresses.size())
                    .mapToObj(i -> new RouteView(
                            addresses.get(i), text(proxy.routes().get(i).upstream())))
                    .toList();
        }

        private static @Nullable String text(Upstream upstream) {
            return upstream instanceof Upstream.None ? null : upstream.toString();
        }
    }

    /** The ids of the flows that a command was applied to. */
    record Done(List<Long> flows) {}

    public LiveResources(Middlebox proxy, SettingsWatch settings, Labels labels, Health health, Metrics metrics) {
        this.proxy = proxy;
        this.settings = settings;
        this.labels = labels;
        this.health = health;
        this.metrics = metrics;
    }

    @Override
    public Snapshot snapshot() {
        return new Snapshot(Instant.now(), proxy.hasOutage(), ConfigView.of(proxy.config()), null);
    }

    @Override
    public Object routes() {
        return Map.of("routes", RouteView.all(proxy));
    }

    @Override
    public List<FlowView> table() {
        return labels.views(proxy.flows());
    }

    @Override
    public @Nullable BackgroundFailure failure() {
        return proxy.failure().orElse(null);
    }

    @Override
    public Done act(Action action, FlowSelector flows) {
        List<Long> ids = whileOpen(() -> switch (action) {
            case EXPIRE -> proxy.expire(flows.selected());
            case HEAL -> proxy.heal(flows.selected());
            case RESET -> proxy.reset(flows.selected());
        });
        if (ids.isEmpty()) {
            boolean found = proxy.flows().stream().anyMatch(flows.selected());
            throw found ? Problem.of(409, refusal(action)) : Problem.of(404, flows.notFound());
        }
        return new Done(ids);
    }

    private static String refusal(Action action) {
        return switch (action) {
            case EXPIRE -> "not connected yet, or already expired; only a live or half-closed flow can expire";
            case HEAL ->
                "only an expired flow can be healed, if its peers are still connected and its route has an upstream,"
                        + " and not during an outage";
            case RESET -> "the flow can't be reset";
        };
    }

    @Override
    public Done label(FlowSelector flows, ObjectNode body) {
        String label = Labels.parse(body);
        List<Long> ids = whileOpen(() -> proxy.flows().stream()
                .filter(flows.selected())
                .map(Flow::id)
                .sorted()
                .toList());
        if (ids.isEmpty()) {
            throw Problem.of(404, flows.notFound());
        }
        ids.forEach(id -> labels.put(id, label));
        labels.dropEnded(proxy::flows);
        return new Done(ids);
    }

    @Override
    public ConfigView patchMiddlebox(ObjectNode body, String client) {
        ConfigPatch patch = new ConfigPatch(body);
        AtomicReference<MiddleboxConfig> before = new AtomicReference<>(proxy.config());
        try {
            MiddleboxConfig after = whileOpen(() -> proxy.reconfigure(config -> {
                before.set(config);
                return patch.applyTo(config);
            }));
            ChangeLog.settings(Objects.requireNonNull(before.get(), "never set to null"), after, client);
            return ConfigView.of(after);
        } catch (UsageException e) {
            throw ConfigPatch.problem(e);
        } finally {
            settings.check();
        }
    }

    @Override
    public synchronized Object putOutage(ObjectNode body, String client) {
        Json.requireOnly("on", body);
        boolean on = ConfigPatch.parseBoolean("on", body.get("on"));
        return whileOpen(() -> {
            boolean isNew = on != proxy.hasOutage();
            proxy.outage(on);
            settings.check();
            if (isNew) {
                ChangeLog.outage(on, client);
            }
            return outage();
        });
    }

    @Override
    public Health.Report health() {
        return health.report();
    }

    @Override
    public String metrics(String mediaType) {
        return metrics.scrape(mediaType);
    }

    /** @throws Problem if the proxy is closed, or closing so that its event loops reject tasks */
    private <T> T whileOpen(Supplier<T> change) {
        if (!proxy.isClosed()) {
            try {
                return change.get();
            } catch (RejectedExecutionException e) {
                LOG.atDebug().setCause(e).log("event loops rejected a task; the proxy is closing");
            }
        }
        throw Problem.of(503, "the proxy is closed");
    }
}
