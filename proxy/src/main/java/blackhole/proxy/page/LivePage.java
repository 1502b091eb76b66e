package blackhole.proxy.page;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

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

    private static final List<String> FILES = List.of(
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

    private final Map<String, Asset> assets = new HashMap<>();
    private final Set<String> files;

    /** One file of the page. */
    private record Asset(String type, Buffer content) {}

    public LivePage() {
        FILES.forEach(file -> add("/page/" + file, file));
        files = Set.copyOf(assets.keySet());
        add("/", "index.html");
    }

    private void add(String path, String file) {
        String type = TYPES.get(file.substring(file.lastIndexOf('.') + 1));
        assets.put(path, new Asset(type, Buffer.buffer(read(file))));
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

    /** Returns the paths of the page's files, other than {@code /}. */
    public Set<String> files() {
        return files;
    }

    /** @param path {@code /} or one of {@link #files()} */
    public void serve(RoutingContext context, String path) {
        Asset asset = assets.get(path);
        if (asset == null) {
            throw new IllegalArgumentException(path);
        }
        context.response()
                .putHeader("Content-Security-Policy", POLICY)
                .putHeader("Content-Type", asset.type)
                .end(asset.content);
    }
}
