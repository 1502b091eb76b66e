package blackhole.proxy.api;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.UsageException;
import blackhole.middlebox.flow.Flow;
import blackhole.proxy.http.Parameters;
import blackhole.proxy.http.Problem;
import blackhole.proxy.http.Resources;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.MultiMap;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The resources of a proxy that runs. Most of it waits for the event loops. */
public final class Api implements Resources {
    private static final Logger LOG = LoggerFactory.getLogger(Api.class);

    private final Middlebox proxy;
    private final Labels labels;
    private final SettingsWatch settings;

    /** A route, and where it listens; its port is never 0. */
    public record RouteView(
            InetSocketAddress listen, @Nullable String upstream) {
        public static List<RouteView> all(Middlebox proxy) {
            List<RouteView> routes = new ArrayList<>();
            for (int i = 0; i < proxy.routes().size(); i++) {
                Object upstream = proxy.routes().get(i).upstream();
                routes.add(new RouteView(proxy.addresses().get(i), upstream == null ? null : upstream.toString()));
            }
            return routes;
        }
    }

    public Api(Middlebox proxy, SettingsWatch settings, Labels labels) {
        this.proxy = proxy;
        this.settings = settings;
        this.labels = labels;
    }

    @Override
    public Object routes() {
        return Map.of("routes", RouteView.all(proxy));
    }

    @Override
    public Object flows(MultiMap query) {
        return new FlowQuery(query, labels).of(proxy.flows());
    }

    @Override
    public Object flow(String id) {
        long number = flowId(id);
        return proxy.flows().stream()
                .filter(flow -> flow.id() == number)
                .findFirst()
                .map(flow -> FlowView.of(flow, labels.of(flow.id())))
                .orElseThrow(() -> noFlow(id));
    }

    @Override
    public Object toFlow(Action action, String id) {
        long number = flowId(id);
        return done(action, flow -> flow.id() == number, () -> noFlow(id));
    }

    @Override
    public Object toFlowsOf(Action action, MultiMap query) {
        String client = clientOf(query);
        return done(action, ClientFilter.parse("client", client), () -> noFlowOf(client));
    }

    private static String clientOf(MultiMap query) {
        return new Parameters(query, "client")
                .text("client")
                .orElseThrow(() -> Problem.inField("client", "is missing: ADDRESS, ADDRESS:PORT or a range"));
    }

    private static Problem noFlowOf(String client) {
        return Problem.of(404, "there is no flow of a client at " + client);
    }

    @Override
    public Object labelFlow(String id, ObjectNode body) {
        long number = flowId(id);
        return label(flow -> flow.id() == number, body, () -> noFlow(id));
    }

    @Override
    public Object labelFlowsOf(MultiMap query, ObjectNode body) {
        String client = clientOf(query);
        return label(ClientFilter.parse("client", client), body, () -> noFlowOf(client));
    }

    private Object label(Predicate<Flow> wanted, ObjectNode body, Supplier<Problem> nothingThere) {
        String label = Labels.parse(body);
        List<Long> ids = whileOpen(() ->
                proxy.flows().stream().filter(wanted).map(Flow::id).sorted().toList());
        if (ids.isEmpty()) {
            throw nothingThere.get();
        }
        ids.forEach(id -> labels.put(id, label));
        labels.dropEnded(proxy::flows);
        return Map.of("flows", ids);
    }

    private Object done(Action action, Predicate<Flow> wanted, Supplier<Problem> nothingThere) {
        AtomicBoolean isThere = new AtomicBoolean();
        Predicate<Flow> noting = flow -> {
            boolean matches = wanted.test(flow);
            if (matches) {
                isThere.set(true);
            }
            return matches;
        };
        Function<Predicate<Flow>, List<Long>> act =
                switch (action) {
                    case EXPIRE -> proxy::expire;
                    case HEAL -> proxy::heal;
                    case RESET -> proxy::reset;
                };
        List<Long> ids = whileOpen(() -> act.apply(noting));
        if (ids.isEmpty()) {
            throw isThere.get() ? Problem.of(409, whyNot(action)) : nothingThere.get();
        }
        return Map.of("flows", ids);
    }

    private static String whyNot(Action action) {
        return switch (action) {
            case EXPIRE -> "not connected yet, or expired already: only a live or half-closed flow can expire";
            case HEAL ->
                "only an expired flow can be healed, whose peers are still there and whose route has an upstream, and"
                        + " not during an outage";
            case RESET -> "the flow can't be reset";
        };
    }

    private static long flowId(String id) {
        if (!id.matches("\\d{1,18}")) {
            throw noFlow(id);
        }
        return Long.parseLong(id);
    }

    private static Problem noFlow(String id) {
        return Problem.of(404, "there is no flow " + id);
    }

    @Override
    public Object middlebox() {
        return ConfigView.of(proxy.middlebox());
    }

    @Override
    public Object patchMiddlebox(ObjectNode body) {
        ConfigPatch patch = new ConfigPatch(body);
        try {
            return whileOpen(() -> ConfigView.of(proxy.reconfigure(patch::applyTo)));
        } catch (UsageException e) {
            throw ConfigPatch.problem(e);
        } finally {
            settings.look();
        }
    }

    @Override
    public Object outage() {
        return Map.of("on", proxy.hasOutage());
    }

    @Override
    public Object putOutage(ObjectNode body) {
        for (Map.Entry<String, ?> field : body.properties()) {
            if (!field.getKey().equals("on")) {
                throw Problem.inField(field.getKey(), "is unknown; there is on");
            }
        }
        boolean on = ConfigPatch.bool("on", body.get("on"));
        return whileOpen(() -> {
            proxy.outage(on);
            settings.look();
            return outage();
        });
    }

    /** @throws Problem when the proxy is closed, or is closing meanwhile so that its event loops take no tasks */
    private <T> T whileOpen(Supplier<T> change) {
        if (!proxy.isClosed()) {
            try {
                return change.get();
            } catch (RejectedExecutionException e) {
                LOG.atDebug().setCause(e).log("the proxy is closing");
            }
        }
        throw Problem.of(503, "the proxy is closed");
    }
}
