package blackhole.proxy.http;

import static blackhole.proxy.api.Resources.Action.EXPIRE;
import static blackhole.proxy.api.Resources.Action.HEAL;
import static blackhole.proxy.api.Resources.Action.RESET;
import static io.vertx.core.http.HttpMethod.GET;
import static io.vertx.core.http.HttpMethod.HEAD;
import static io.vertx.core.http.HttpMethod.PATCH;
import static io.vertx.core.http.HttpMethod.POST;
import static io.vertx.core.http.HttpMethod.PUT;

import blackhole.middlebox.config.Endpoint;
import blackhole.proxy.api.FlowSelector;
import blackhole.proxy.api.Health;
import blackhole.proxy.api.Json;
import blackhole.proxy.api.Limits;
import blackhole.proxy.api.OpenApi;
import blackhole.proxy.api.Parameters;
import blackhole.proxy.api.Problem;
import blackhole.proxy.api.ProfileView;
import blackhole.proxy.api.Resources;
import blackhole.proxy.events.EventStreams;
import blackhole.proxy.events.StreamPosition;
import blackhole.proxy.metrics.Metrics;
import blackhole.proxy.page.LivePage;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The HTTP routes. Handlers run on the server's event loop; JSON is produced on worker threads. */
final class Routes {
    private static final List<String> JSON_TYPES = List.of(Json.MEDIA_TYPE, "application/merge-patch+json");
    private static final String INDEX = """
            blackhole-proxy: live page and API. Open this address in a browser to see the page.

            /openapi.json     description of the API
            /api/v1/flows     flow table
            /api/v1/events    server-sent events
            /metrics          Prometheus metrics of a running proxy
            /health           health of a running proxy
            """;

    private final Vertx vertx;
    private final Resources api;
    private final EventStreams streams;
    private final AccessRules access;
    private final ConnectionGuard connections;
    private final Handler<RoutingContext> page = LivePage.handler("index.html");
    private final Router router;
    private final Map<String, Set<String>> methods = new TreeMap<>();

    Routes(
            Vertx vertx,
            Limits limits,
            AccessRules access,
            ConnectionGuard connections,
            Resources api,
            EventStreams streams) {
        this.vertx = vertx;
        this.api = api;
        this.streams = streams;
        this.access = access;
        this.connections = connections;
        Responses responses = new Responses(limits);
        router = Router.router(vertx);
        router.route().handler(this::begin).failureHandler(responses::failed);
        router.route().handler(BodyHandler.create(false).setBodyLimit(limits.body()));
        addRoutes();
        methods.keySet().forEach(this::refuseOtherMethods);
        router.errorHandler(400, Responses::malformed);
        List.of(404, 500).forEach(status -> router.errorHandler(status, responses::failed));
    }

    /** No two paths match the same request, so their order doesn't matter. */
    private void addRoutes() {
        route(GET, "/api/v1/routes", json(request -> api.routes()));
        route(GET, "/api/v1/profiles", json(request -> ProfileView.all()));
        route(GET, "/api/v1/flows", json(request -> api.flows(request.queryParams())));
        route(GET, "/api/v1/flows/{id}", json(request -> api.flow(id(request))));
        route(POST, "/api/v1/flows/expire", json(request -> api.act(EXPIRE, clientOrAll(request))));
        route(POST, "/api/v1/flows/heal", json(request -> api.act(HEAL, clientOrAll(request))));
        route(POST, "/api/v1/flows/reset", json(request -> api.act(RESET, clientOrAll(request))));
        route(PUT, "/api/v1/flows/label", json(request -> api.label(client(request), body(request, "client"))));
        route(POST, "/api/v1/flows/{id}/expire", json(request -> api.act(EXPIRE, flow(request))));
        route(POST, "/api/v1/flows/{id}/heal", json(request -> api.act(HEAL, flow(request))));
        route(POST, "/api/v1/flows/{id}/reset", json(request -> api.act(RESET, flow(request))));
        route(PUT, "/api/v1/flows/{id}/label", json(request -> api.label(flow(request), body(request))));
        route(GET, "/api/v1/middlebox", json(request -> api.middlebox()));
        route(PATCH, "/api/v1/middlebox", json(request -> api.patchMiddlebox(body(request), peer(request))));
        route(GET, "/api/v1/outage", json(request -> api.outage()));
        route(PUT, "/api/v1/outage", json(request -> api.putOutage(body(request), peer(request))));
        route(GET, "/api/v1/events", this::events);
        route(POST, "/api/v1/replay/restart", this::restart);
        route(GET, "/health", this::health);
        route(GET, "/metrics", this::metrics);
        route(GET, "/openapi.json", json(request -> OpenApi.document()));
        route(GET, "/", this::index);
        LivePage.FILES.forEach(file -> route(GET, "/page/" + file, LivePage.handler(file)));
    }

    /** A resource with GET also has HEAD, for which Vert.x leaves the body out. */
    private void route(HttpMethod method, String path, Handler<RoutingContext> handler) {
        methods.computeIfAbsent(path, any -> new TreeSet<>()).add(method.name());
        router.routeWithRegex(method, regex(path)).handler(handler);
        if (method.equals(GET)) {
            route(HEAD, path, handler);
        }
    }

    private static String regex(String path) {
        return "\\Q" + path.replace("{id}", "\\E(?<id>\\d{1,18})\\Q") + "\\E/?";
    }

    private void refuseOtherMethods(String path) {
        String allowed = String.join(", ", methods.get(path));
        router.routeWithRegex(regex(path)).handler(context -> {
            context.response().putHeader("Allow", allowed);
            throw Problem.of(405, context.request().method() + " is not allowed for " + path + "; use " + allowed);
        });
    }

    Router router() {
        return router;
    }

    /** Returns the operations of the API, such as {@code GET /api/v1/flows/{id}}. */
    Set<String> operations() {
        return methods.entrySet().stream()
                .filter(route -> !isPage(route.getKey()))
                .flatMap(route -> route.getValue().stream().map(method -> method + " " + route.getKey()))
                .collect(Collectors.toSet());
    }

    private boolean isPage(String path) {
        return path.equals("/") || (path.startsWith("/page/") && methods.containsKey(path));
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
        access.checkOrigin(request);
        if (!isPage(request.path())) {
            access.checkToken(request);
        }
        context.next();
    }

    // The parts of a request.

    private static long id(RoutingContext request) {
        return Long.parseLong(request.pathParam("id"));
    }

    private static FlowSelector flow(RoutingContext request) {
        return FlowSelector.byId(id(request));
    }

    private static FlowSelector client(RoutingContext request) {
        return FlowSelector.byClient(request.queryParams());
    }

    private static FlowSelector clientOrAll(RoutingContext request) {
        // Ignoring a client in the body would apply the command to all flows.
        if (hasBody(request.request())) {
            body(request, "client").fieldNames().forEachRemaining(name -> {
                throw Problem.inField(name, "is not allowed in the body; use the query, such as ?client=10.1.2.3");
            });
        }
        return FlowSelector.byClientOrAll(request.queryParams());
    }

    private static boolean hasBody(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        return (length != null && !length.equals("0")) || request.getHeader("Transfer-Encoding") != null;
    }

    private static String peer(RoutingContext request) {
        SocketAddress address = request.request().remoteAddress();
        return new Endpoint(address.hostAddress(), address.port()).toString();
    }

    private static ObjectNode body(RoutingContext request, String... parameters) {
        String type = request.request().getHeader("Content-Type");
        String essence = type == null ? "" : type.split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
        if (!JSON_TYPES.contains(essence)) {
            throw Problem.of(415, "the body must be " + String.join(" or ", JSON_TYPES));
        }
        new Parameters(request.queryParams(), parameters);
        Buffer body = request.body().buffer();
        return Json.parseObject(body == null ? new byte[0] : body.getBytes());
    }

    // Handlers.

    private Handler<RoutingContext> json(Function<RoutingContext, Object> resource) {
        return context -> onWorker(context, Json.MEDIA_TYPE, () -> Buffer.buffer(Json.bytes(resource.apply(context))));
    }

    private void events(RoutingContext context) {
        String start =
                new Parameters(context.queryParams(), "start").text("start").orElse(null);
        StreamPosition position = StreamPosition.parse(context.request().getHeader("Last-Event-ID"), start);
        if (context.request().method().equals(HEAD)) {
            context.response()
                    .putHeader("Content-Type", EventStreams.MEDIA_TYPE)
                    .end();
            return;
        }
        streams.open(context.request(), position, api.snapshot());
        connections.endless(context.request().connection());
    }

    private void restart(RoutingContext context) {
        api.restart();
        context.response().setStatusCode(204).end();
    }

    private void health(RoutingContext context) {
        Health.Report report = api.health();
        Buffer body = Buffer.buffer(Json.bytes(report));
        Responses.send(context.response(), report.isUp() ? 200 : 503, Json.MEDIA_TYPE, body);
    }

    private void metrics(RoutingContext context) {
        String mediaType = Metrics.mediaType(context.request().getHeader("Accept"));
        onWorker(context, mediaType, () -> Buffer.buffer(api.metrics(mediaType)));
    }

    private void index(RoutingContext context) {
        context.response().putHeader("Vary", "Accept");
        String accept = context.request().getHeader("Accept");
        if (accept != null && accept.contains("text/html")) {
            page.handle(context);
        } else {
            Responses.send(context.response(), 200, "text/plain; charset=utf-8", Buffer.buffer(INDEX));
        }
    }

    /** Keeps what waits for the relay's event loops off the server's own. */
    private void onWorker(RoutingContext context, String mediaType, Callable<Buffer> work) {
        vertx.executeBlocking(work, false)
                .onSuccess(body -> Responses.send(context.response(), 200, mediaType, body))
                .onFailure(context::fail);
    }
}
