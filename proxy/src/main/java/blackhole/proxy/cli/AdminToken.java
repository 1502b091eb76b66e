package blackhole.proxy.cli;

import blackhole.middlebox.config.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The content of {@code --admin-token-file}. */
final class AdminToken {
    private AdminToken() {}

    /**
     * Reads the token; null if {@code file} is.
     *
     * @throws UsageException if the file can't be read or doesn't contain a token
     */
    static @Nullable String in(@Nullable Path file) {
        if (file == null) {
            return null;
        }
        try {
            String token = Files.readString(file, StandardCharsets.US_ASCII).strip();
            if (!token.matches("[!-~]+")) {
                throw new UsageException(
                        "admin-token-file", file + " must contain the token, one word of ASCII characters");
            }
            return token;
        } catch (IOException e) {
            String problem = Files.exists(file) ? "can't be read as text" : "does not exist";
            throw new UsageException("admin-token-file", file + " " + problem);
        }
    }
}
