package blackhole.proxy.cli;

import blackhole.proxy.BlackholeProxy;
import blackhole.proxy.Endpoint;
import blackhole.proxy.UsageException;
import blackhole.proxy.admin.AdminServer;
import blackhole.proxy.admin.ReplayServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether and where the proxy is controlled over HTTP. */
final class AdminOptions {
    @Option(
            names = "--admin",
            paramLabel = "[HOST:]PORT",
            description = "Control over HTTP: flows, settings, events, metrics (default: off). No host means 127.0.0.1,"
                    + " port 0 any free port; a host that other machines can reach needs --admin-token-file.")
    private @Nullable Endpoint listen;

    @Option(
            names = "--admin-token-file",
            paramLabel = "FILE",
            description = "Answer only requests that bring this file's content as bearer token.")
    private @Nullable Path tokenFile;

    /** @throws UsageException when the options don't go together, or the token can't be read */
    void check() {
        if (listen == null && tokenFile != null) {
            throw new UsageException("admin-token-file", "goes with --admin, which is not given");
        }
        token();
    }

    boolean areGiven() {
        return listen != null;
    }

    /**
     * To be called when they are given; nothing of the server is loaded otherwise.
     *
     * @throws UsageException when the server can't be started
     */
    AdminServer start(BlackholeProxy proxy) {
        if (listen == null) {
            throw new IllegalStateException("--admin is not given");
        }
        return AdminServer.start(proxy, listen, token());
    }

    /**
     * Plays a recording; on any free port when no address is given.
     *
     * @throws UsageException when it can't be played
     */
    ReplayServer replay(Path file, double speed) {
        return ReplayServer.start(file, listen == null ? Endpoint.parseListen("0") : listen, token(), speed);
    }

    private @Nullable String token() {
        if (tokenFile == null) {
            return null;
        }
        String token;
        try {
            token = Files.readString(tokenFile, StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            String why = Files.exists(tokenFile) ? "can't be read as text" : "does not exist";
            throw new UsageException("admin-token-file", tokenFile + " " + why);
        }
        if (!token.matches("[!-~]+")) {
            throw new UsageException(
                    "admin-token-file", tokenFile + " must hold one word of ASCII characters, the token");
        }
        return token;
    }
}
