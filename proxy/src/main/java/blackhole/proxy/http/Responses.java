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
    static void send(RoutingContext context, int status, String type, Buffer body) {
        HttpServerResponse response = context.response();
        if (!response.ended() && !response.closed() && !response.headWritten()) {
            response.setStatusCode(status).putHeader("Content-Type", type).end(body);
        }
    }

    private static void send(RoutingContext context, Problem problem) {
        send(context, problem.status(), Problem.MEDIA_TYPE, Buffer.buffer(Json.bytes(problem.document())));
    }

    static void notFound(RoutingContext context) {
        send(context, Problem.of(404, "not found: " + context.request().path()));
    }

    static void malformed(RoutingContext context) {
        send(context, Problem.of(400, "malformed request"));
    }

    /** Answers a request whose handler threw, or that Vert.x refused. */
    void failed(RoutingContext context) {
        Throwable failure = context.failure();
        int status = context.statusCode();
        if (context.response().closed() || failure instanceof HttpClosedException) {
            return;
        }
        if (failure instanceof Problem problem) {
            send(context, problem);
        } else if (status == 413) {
            send(context, Problem.of(status, "the body is larger than " + limits.body() + " bytes"));
        } else if (status >= 400 && status < 500) {
            send(context, Problem.of(status, "malformed request"));
        } else {
            LOG.atError()
                    .setCause(failure)
                    .log(
                            "{} {} failed",
                            context.request().method(),
                            context.request().path());
            send(context, Problem.of(500, "internal error; see the proxy log"));
        }
    }

    /** Answers what never gets to a router: bytes that are not HTTP, or headers that are too long. */
    static void invalid(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        int status = cause instanceof TooLongHttpHeaderException
                ? 431
                : cause instanceof TooLongHttpLineException ? 414 : 400;
        byte[] document =
                Json.bytes(Problem.of(status, "not a valid HTTP/1.1 request").document());
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", Problem.MEDIA_TYPE)
                .putHeader("Connection", "close")
                .end(Buffer.buffer(document));
    }
}
