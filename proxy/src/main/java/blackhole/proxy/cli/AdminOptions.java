package blackhole.proxy.cli;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.UsageException;
import blackhole.proxy.http.AdminServer;
import blackhole.proxy.http.WebServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of the live page and API. */
final class AdminOptions {
    @Option(
            names = "--admin",
            paramLabel = "[HOST:]PORT",
            defaultValue = "${env:BLACKHOLE_ADMIN}",
            description =
                    "Serve a live page and an HTTP API for flows, settings, events and metrics (default: the environment"
                            + " variable BLACKHOLE_ADMIN, else off). The host defaults to 127.0.0.1; one that other machines can"
                            + " reach requires --admin-token-file. Port 0 means any free port.")
    private @Nullable Endpoint listen;

    @Option(
            names = "--admin-token-file",
            paramLabel = "FILE",
            defaultValue = "${env:BLACKHOLE_ADMIN_TOKEN_FILE}",
            description = "With --admin: require the contents of this file as a bearer token (default: the environment"
                    + " variable BLACKHOLE_ADMIN_TOKEN_FILE, else none).")
    private @Nullable Path tokenFile;

    /** @throws UsageException if the options don't go together, the token can't be read, or one is missing */
    void check() {
        if (listen != null) {
            WebServer.resolve(listen, token(tokenFile));
        } else if (tokenFile != null) {
            throw new UsageException("admin-token-file", "requires --admin");
        }
    }

    /** @throws UsageException if the server can't be started */
    Optional<AdminServer> start(Middlebox proxy) {
        return Optional.ofNullable(listen).map(address -> AdminServer.start(proxy, address, token(tokenFile)));
    }

    /**
     * Reads the token in {@code --admin-token-file}; null if {@code file} is.
     *
     * @throws UsageException if the file can't be read or doesn't contain a token
     */
    static @Nullable String token(@Nullable Path file) {
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
