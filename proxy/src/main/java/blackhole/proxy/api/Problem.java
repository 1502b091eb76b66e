package blackhole.proxy.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Refuses a request; sent to the client as a problem document (RFC 9457). */
public final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;

    public static final String MEDIA_TYPE = "application/problem+json";

    private final int status;
    private final @Nullable String field;

    /** The JSON form. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Document(
            String type,
            String title,
            int status,
            String detail,
            @Nullable String field) {}

    private Problem(int status, @Nullable String field, String detail) {
        super(detail, null, false, false);
        this.status = status;
        this.field = field;
    }

    public static Problem of(int status, String detail) {
        return new Problem(status, null, detail);
    }

    /** Returns a 400 for a field of the body, a query parameter or a header. */
    public static Problem inField(String field, String problem) {
        return new Problem(400, field, field + " " + problem);
    }

    /** The detail; never null. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage(), "set by the constructor");
    }

    public int status() {
        return status;
    }

    public Document document() {
        String title = HttpResponseStatus.valueOf(status).reasonPhrase();
        return new Document("about:blank", title, status, getMessage(), field);
    }
}
