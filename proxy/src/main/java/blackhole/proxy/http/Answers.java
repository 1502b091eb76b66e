package blackhole.proxy.http;

import blackhole.proxy.api.Json;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How answers and problems are written. Runs on the server's event loop. */
public final class Answers {
    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    private final Limits limits;

    public Answers(Limits limits) {
        this.limits = limits;
    }

    /** Unless the request is answered already, or its client gone. */
    public static void send(RoutingContext context, int status, String type, Buffer body) {
        HttpServerResponse response = context.response();
        if (!response.ended() && !response.closed() && !response.headWritten()) {
            response.setStatusCode(status).putHeader("Content-Type", type).end(body);
        }
    }

    public static void problem(RoutingContext context, Problem problem) {
        send(context, problem.status(), Problem.MEDIA_TYPE, Buffer.buffer(Json.bytes(problem.document())));
    }

    public void problem(RoutingContext context, int status) {
        problem(context, Problem.of(status, reason(status)));
    }

    private String reason(int status) {
        return switch (status) {
            case 404 -> "there is nothing here";
            case 413 -> "the body is larger than " + limits.body() + " bytes";
            default -> "the request is malformed";
        };
    }

    /** For a request whose handling has failed. */
    public void fail(RoutingContext context) {
        Throwable failure = context.failure();
        if (context.response().closed() || failure instanceof HttpClosedException) {
            return;
        }
        if (failure instanceof Problem problem) {
            problem(context, problem);
        } else if (context.statusCode() >= 400 && context.statusCode() < 500) {
            problem(context, context.statusCode());
        } else {
            LOG.atError()
                    .setCause(failure)
                    .log(
                            "{} {} failed",
                            context.request().method(),
                            context.request().path());
            problem(context, Problem.of(500, "the proxy made a mistake; its log says more"));
        }
    }

    /** What no router ever sees: bytes that are not HTTP, or headers that are too long. */
    public static void refuse(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        int status = cause instanceof TooLongHttpHeaderException
                ? 431
                : cause instanceof TooLongHttpLineException ? 414 : 400;
        byte[] document = Json.bytes(Problem.of(status, "the request is not HTTP/1.1 that can be read here")
                .document());
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", Problem.MEDIA_TYPE)
                .putHeader("Connection", "close")
                .end(Buffer.buffer(document))
                .onComplete(sent -> ConnectionGuard.abort(request.connection()));
    }
}
