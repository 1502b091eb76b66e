package blackhole.proxy.api;

import java.io.IOException;
import java.io.InputStream;

/** The description of the API, a resource kept by hand. */
public final class OpenApi {
    private static final String RESOURCE = "openapi.json";

    private OpenApi() {}

    public static byte[] document() throws IOException {
        try (InputStream document = OpenApi.class.getResourceAsStream(RESOURCE)) {
            if (document == null) {
                throw new IOException("the jar lacks " + RESOURCE);
            }
            return document.readAllBytes();
        }
    }
}
