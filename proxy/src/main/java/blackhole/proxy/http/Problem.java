package blackhole.proxy.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is wrong with a request, answered as a problem document (RFC 9457). */
public final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;

    public static final String MEDIA_TYPE = "application/problem+json";

    private final int status;
    private final @Nullable String field;

    private Problem(int status, @Nullable String field, String detail) {
        super(detail, null, false, false);
        this.status = status;
        this.field = field;
    }

    public static Problem of(int status, String detail) {
        return new Problem(status, null, detail);
    }

    /** 400: a field of the body or a query parameter is wrong. */
    public static Problem inField(String field, String problem) {
        return new Problem(400, field, field + " " + problem);
    }

    public int status() {
        return status;
    }

    public Map<String, Object> document() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("type", "about:blank");
        document.put("title", HttpResponseStatus.valueOf(status).reasonPhrase());
        document.put("status", status);
        document.put("detail", getMessage());
        if (field != null) {
            document.put("field", field);
        }
        return document;
    }
}
