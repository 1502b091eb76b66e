package blackhole.proxy.page;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The page for people, from the jar. It works from {@code /api/v1} alone, and its policy lets the browser load nothing
 * from anywhere else, and run nothing that is written into a document.
 */
public final class LivePage {
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");

    private final Map<String, Asset> assets = new LinkedHashMap<>();

    /** One file of the page. */
    private record Asset(String type, Buffer content, String etag) {}

    public LivePage() {
        add("/", "index.html");
        for (String file : new String[] {
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
            "timeline.js"
        }) {
            add("/page/" + file, file);
        }
    }

    private void add(String path, String file) {
        byte[] content = read("page/" + file);
        String type = TYPES.get(file.substring(file.lastIndexOf('.') + 1));
        assets.put(path, new Asset(type, Buffer.buffer(content), '"' + hash(content) + '"'));
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

    private static String hash(byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, 12));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Where its files are, {@code /} first. */
    public Set<String> paths() {
        return assets.keySet();
    }

    /** Whether whoever asks looks at pages, and is not a tool such as curl. */
    public static boolean isWantedBy(HttpServerRequest request) {
        String accept = request.getHeader("Accept");
        return accept != null && accept.contains("text/html");
    }

    public void serve(RoutingContext context, String path) {
        Asset asset = assets.get(path);
        if (asset == null) {
            throw new IllegalArgumentException(path);
        }
        HttpServerResponse response = context.response()
                .putHeader("Content-Security-Policy", POLICY)
                .putHeader("Cache-Control", "no-cache")
                .putHeader("ETag", asset.etag);
        if (asset.etag.equals(context.request().getHeader("If-None-Match"))) {
            response.setStatusCode(304).end();
        } else {
            response.putHeader("Content-Type", asset.type).end(asset.content);
        }
    }
}
