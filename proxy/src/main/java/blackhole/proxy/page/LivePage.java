package blackhole.proxy.page;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * Serves the live page from the jar. The page uses nothing but {@code /api/v1}; its policy lets the browser load nothing
 * from other hosts and run no inline script.
 */
public final class LivePage {
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");

    /** The files in {@code /page/}. */
    public static final List<String> FILES = List.of(
            "api.js",
            "app.js",
            "format.js",
            "icon.svg",
            "lanes.js",
            "log.js",
            "model.js",
            "names.js",
            "page.css",
            "settings.js",
            "timeline.js");

    private LivePage() {}

    /** Returns a handler that serves {@code index.html} or one of {@link #FILES}. */
    public static Handler<RoutingContext> handler(String file) {
        Buffer content = Buffer.buffer(read(file));
        String type = TYPES.getOrDefault(file.substring(file.lastIndexOf('.') + 1), "text/plain");
        return context -> context.response()
                .putHeader("Content-Security-Policy", POLICY)
                .putHeader("Content-Type", type)
                .end(content);
    }

    private static byte[] read(String resource) {
        try (InputStream content = LivePage.class.getResourceAsStream(resource)) {
            if (content == null) {
                throw new IOException("the jar lacks " + resource);
            }
            return content.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
