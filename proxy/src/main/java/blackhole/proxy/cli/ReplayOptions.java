package blackhole.proxy.cli;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.UsageException;
import blackhole.proxy.http.WebServer;
import blackhole.proxy.recording.ReplayServer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a recording is shown, by the names that the proxy has for its own page. */
final class ReplayOptions {
    @Option(
            names = "--admin",
            paramLabel = "[HOST:]PORT",
            defaultValue = "0",
            description = "Where the live page and its API are served; no /metrics and no /health (default: any free"
                    + " port of 127.0.0.1, and the log says which). No host means 127.0.0.1; a host that other machines"
                    + " can reach needs --admin-token-file.")
    private Endpoint listen;

    @Option(
            names = "--admin-token-file",
            paramLabel = "FILE",
            description =
                    "Answer only requests that bring this file's content as bearer token. The page itself asks for"
                            + " it.")
    private @Nullable Path tokenFile;

    /** @throws UsageException when the token can't be read, or one is needed */
    void check() {
        WebServer.resolve(listen, AdminToken.in(tokenFile));
    }

    /** @throws UsageException when it can't be played */
    ReplayServer start(Path file, double speed) {
        return ReplayServer.start(file, listen, AdminToken.in(tokenFile), speed);
    }
}
