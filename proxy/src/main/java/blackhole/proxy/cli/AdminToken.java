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
     * @param file null when the option is not given
     * @return null without a file
     * @throws UsageException when the file holds no token, or can't be read
     */
    static @Nullable String in(@Nullable Path file) {
        if (file == null) {
            return null;
        }
        String token;
        try {
            token = Files.readString(file, StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            String why = Files.exists(file) ? "can't be read as text" : "does not exist";
            throw new UsageException("admin-token-file", file + " " + why);
        }
        if (!token.matches("[!-~]+")) {
            throw new UsageException("admin-token-file", file + " must hold one word of ASCII characters, the token");
        }
        return token;
    }
}
