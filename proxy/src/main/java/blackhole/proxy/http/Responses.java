package blackhole.proxy.http;

import blackhole.proxy.api.Json;
import blackhole.proxy.api.Limits;
import blackhole.proxy.api.Problem;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes responses and problem documents. Runs on the server's event loop. */
final class Responses {
    private static final Logger LOG = LoggerFactory.getLogger(Responses.class);

    private final Limits limits;

    Responses(Limits limits) {
        this.limits = limits;
    }

    /** Does nothing if the request has been answered, or the client has gone. */
    static void send(HttpServerResponse response, int status, String type, Buffer body) {
        if (!response.ended() && !response.closed() && !response.headWritten()) {
            response.setStatusCode(status).putHeader("Content-Type", type).end(body);
        }
    }

    private static void send(HttpServerResponse response, Problem problem) {
        send(response, problem.status(), Problem.MEDIA_TYPE, Buffer.buffer(Json.bytes(problem.document())));
    }

    static void malformed(RoutingContext context) {
        send(context.response(), Problem.of(400, "malformed request"));
    }

    /** Answers a request that no route matches, whose handler threw, or that Vert.x refused. */
    void failed(RoutingContext context) {
        if (!context.response().closed() && !(context.failure() instanceof HttpClosedException)) {
            send(context.response(), problem(context));
        }
    }

    private Problem problem(RoutingContext context) {
        if (context.failure() instanceof Problem problem) {
            return problem;
        }
        int status = context.statusCode();
        String path = context.request().path();
        if (status == 404) {
            return Problem.of(status, "not found: " + path);
        }
        if (status == 413) {
            return Problem.of(status, "the body is larger than " + limits.body() + " bytes");
        }
        if (status >= 400 && status < 500) {
            return Problem.of(status, "malformed request");
        }
        LOG.atError()
                .setCause(context.failure())
                .log("{} {} failed", context.request().method(), path);
        return Problem.of(500, "internal error; see the proxy log");
    }

    /** Answers what never gets to a router: bytes that are not HTTP, or headers that are too long. */
    static void invalid(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        int status = cause instanceof TooLongHttpHeaderException
                ? 431
                : cause instanceof TooLongHttpLineException ? 414 : 400;
        send(request.response().putHeader("Connection", "close"), Problem.of(status, "not a valid HTTP/1.1 request"));
    }
}
