package blackhole.proxy.http;

import blackhole.middlebox.config.Names;
import blackhole.proxy.api.Health;
import blackhole.proxy.api.Json;
import blackhole.proxy.api.OpenApi;
import blackhole.proxy.api.ProfileView;
import blackhole.proxy.events.EventStreams;
import blackhole.proxy.events.StreamPosition;
import blackhole.proxy.metrics.Metrics;
import blackhole.proxy.metrics.Monitoring;
import blackhole.proxy.page.LivePage;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;

/** Which request is answered by what. Runs on the server's event loop. */
public final class AdminRouter {
    private static final String ROOT = "/api/v1";
    private static final List<String> JSON_TYPES = List.of(Json.MEDIA_TYPE, "application/merge-patch+json");
    private static final String INDEX = """
            blackhole-proxy, controlled over HTTP. A browser shows it live here.

            /openapi.json     what there is
            /api/v1/flows     the flow table
            /api/v1/events    what happens, as server-sent events
            """;
    private static final String INDEX_OF_MONITORING = """
            /metrics          for Prometheus
            /health
            """;

    private final Vertx vertx;
    private final Answers answers;
    private final AccessRules access;
    private final ConnectionGuard connections;
    private final Resources api;
    private final EventStreams streams;
    private final Optional<Monitoring> monitoring;
    private final Optional<Runnable> restart;
    private final LivePage page = new LivePage();
    private final Router router;
    private final BodyHandler bodies;
    private final Map<String, TreeSet<String>> methods = new LinkedHashMap<>();
    private final Set<String> operations = new LinkedHashSet<>();

    public AdminRouter(
            Vertx vertx,
            Limits limits,
            AccessRules access,
            ConnectionGuard connections,
            Resources api,
            EventStreams streams,
            Optional<Monitoring> monitoring,
            Optional<Runnable> restart) {
        this.vertx = vertx;
        answers = new Answers(limits);
        this.access = access;
        this.connections = connections;
        this.api = api;
        this.streams = streams;
        this.monitoring = monitoring;
        this.restart = restart;
        bodies = BodyHandler.create(false).setBodyLimit(limits.body());
        router = Router.router(vertx);
        addRoutes();
    }

    public Router router() {
        return router;
    }

    /** What there is, each as {@code GET /api/v1/flows/{id}}. */
    public Set<String> operations() {
        return operations;
    }

    private void addRoutes() {
        router.route().handler(this::begin).failureHandler(answers::fail);
        page.paths().forEach(this::servePage);
        router.route().handler(this::requireToken);
        get("/openapi.json", this::openApi);
        monitoring.ifPresent(of -> {
            get("/health", context -> health(context, of.health()));
            get("/metrics", context -> metrics(context, of));
        });
        restart.ifPresent(again -> route(HttpMethod.POST, ROOT + "/replay/restart", context -> {
            again.run();
            context.response().setStatusCode(204).end();
        }));
        get(ROOT + "/routes", context -> json(context, api::routes));
        get(ROOT + "/profiles", context -> json(context, ProfileView::all));
        get(ROOT + "/flows", context -> json(context, () -> api.flows(context.queryParams())));
        for (Resources.Action action : Resources.Action.values()) {
            String name = Names.of(action);
            route(
                    HttpMethod.POST,
                    ROOT + "/flows/" + name,
                    context -> json(context, () -> api.toFlowsOf(action, context.queryParams())));
            route(
                    HttpMethod.POST,
                    ROOT + "/flows/:id/" + name,
                    context -> json(context, () -> api.toFlow(action, context.pathParam("id"))));
        }
        route(
                HttpMethod.PUT,
                ROOT + "/flows/label",
                context -> jsonBody(context, body -> api.labelFlowsOf(context.queryParams(), body), "client"));
        route(
                HttpMethod.PUT,
                ROOT + "/flows/:id/label",
                context -> jsonBody(context, body -> api.labelFlow(context.pathParam("id"), body)));
        methods.keySet().forEach(this::refuseOtherMethods);
        methods.clear();
        get(ROOT + "/flows/:id", context -> json(context, () -> api.flow(context.pathParam("id"))));
        get(ROOT + "/middlebox", context -> json(context, api::middlebox));
        route(HttpMethod.PATCH, ROOT + "/middlebox", context -> jsonBody(context, api::patchMiddlebox));
        get(ROOT + "/outage", context -> json(context, api::outage));
        route(HttpMethod.PUT, ROOT + "/outage", context -> jsonBody(context, api::putOutage));
        get(ROOT + "/events", this::events);
        methods.keySet().forEach(this::refuseOtherMethods);
        router.errorHandler(
                404,
                context -> Answers.problem(
                        context,
                        Problem.of(
                                404, "there is nothing at " + context.request().path())));
        router.errorHandler(500, answers::fail);
        router.errorHandler(400, context -> answers.problem(context, 400));
    }

    private void servePage(String path) {
        methods.computeIfAbsent(path, any -> new TreeSet<>()).add(HttpMethod.GET.name());
        router.route(HttpMethod.GET, path).handler(context -> {
            if (path.equals("/")) {
                context.response().putHeader("Vary", "Accept");
                if (!LivePage.isWantedBy(context.request())) {
                    Answers.send(
                            context,
                            200,
                            "text/plain; charset=utf-8",
                            Buffer.buffer(monitoring.isPresent() ? INDEX + INDEX_OF_MONITORING : INDEX));
                    return;
                }
            }
            page.serve(context, path);
        });
    }

    private void get(String path, Handler<RoutingContext> handler) {
        route(HttpMethod.GET, path, handler);
    }

    private void route(HttpMethod method, String path, Handler<RoutingContext> handler) {
        operations.add(method + " " + path.replaceAll(":(\\w+)", "{$1}"));
        methods.computeIfAbsent(path, any -> new TreeSet<>()).add(method.name());
        if (method.equals(HttpMethod.GET)) {
            router.route(method, path).handler(handler);
        } else {
            router.route(method, path).handler(bodies).handler(handler);
        }
    }

    private void refuseOtherMethods(String path) {
        String allowed = String.join(", ", methods.get(path));
        router.route(path).handler(context -> {
            context.response().putHeader("Allow", allowed);
            context.fail(
                    Problem.of(405, context.request().method() + " is not for this resource; there is " + allowed));
        });
    }

    private void begin(RoutingContext context) {
        HttpServerRequest request = context.request();
        connections.requested(request.connection());
        context.addEndHandler(ended -> connections.answered(request.connection()));
        context.response()
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Cross-Origin-Resource-Policy", "same-origin")
                .putHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        List<String> hosts = request.headers().getAll("Host");
        if (hosts.size() != 1) {
            throw Problem.of(400, "one Host header is needed");
        }
        String host = hosts.get(0);
        if (!access.isOwnHost(host)) {
            throw Problem.of(403, "this server is not known as '" + host + "': use localhost or its address");
        }
        String origin = request.getHeader("Origin");
        if (!AccessRules.isOwnOrigin(origin, host)) {
            throw Problem.of(403, "pages of '" + origin + "' may not ask here");
        }
        context.next();
    }

    private void requireToken(RoutingContext context) {
        if (!access.isAuthorized(context.request().getHeader("Authorization"))) {
            context.response().putHeader("WWW-Authenticate", "Bearer realm=\"blackhole-proxy\"");
            throw Problem.of(401, "the token is missing or wrong: Authorization: Bearer TOKEN");
        }
        context.next();
    }

    private void openApi(RoutingContext context) {
        onWorker(
                context,
                OpenApi::document,
                document -> Answers.send(context, 200, Json.MEDIA_TYPE, Buffer.buffer(document)));
    }

    private static void health(RoutingContext context, Health health) {
        Health.Report report = health.report();
        Answers.send(context, report.isUp() ? 200 : 503, Json.MEDIA_TYPE, Buffer.buffer(Json.bytes(report)));
    }

    private void metrics(RoutingContext context, Monitoring of) {
        String accept = context.request().getHeader("Accept");
        String type = Metrics.mediaType(accept == null ? "" : accept);
        onWorker(
                context,
                () -> of.metrics().scrape(of.proxy(), type),
                text -> Answers.send(context, 200, type, Buffer.buffer(text)));
    }

    private void events(RoutingContext context) {
        String start =
                new Parameters(context.queryParams(), "start").text("start").orElse(null);
        StreamPosition position = StreamPosition.parse(context.request().getHeader("Last-Event-ID"), start);
        streams.open(context.request(), position);
        connections.streams(context.request().connection());
    }

    private void json(RoutingContext context, Callable<Object> answer) {
        onWorker(
                context,
                () -> Json.bytes(answer.call()),
                bytes -> Answers.send(context, 200, Json.MEDIA_TYPE, Buffer.buffer(bytes)));
    }

    private void jsonBody(RoutingContext context, Function<ObjectNode, Object> answer, String... parameters) {
        String type = context.request().getHeader("Content-Type");
        String essence = type == null ? "" : type.split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
        if (!JSON_TYPES.contains(essence)) {
            throw Problem.of(415, "the body must be " + String.join(" or ", JSON_TYPES));
        }
        new Parameters(context.queryParams(), parameters);
        Buffer body = context.body().buffer();
        byte[] bytes = body == null ? new byte[0] : body.getBytes();
        json(context, () -> answer.apply(Json.parseObject(bytes)));
    }

    /** The relay's event loops are waited for on a worker, never here. */
    private <T> void onWorker(RoutingContext context, Callable<T> work, Consumer<T> then) {
        vertx.executeBlocking(work, false).onComplete(done -> {
            if (done.failed()) {
                context.fail(done.cause());
            } else {
                then.accept(done.result());
            }
        });
    }
}
