package blackhole.proxy.cli;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.UsageException;
import blackhole.proxy.http.AdminServer;
import blackhole.proxy.http.WebServer;
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
            description = "With --admin: answer only requests that bring this file's content as bearer token.")
    private @Nullable Path tokenFile;

    /** @throws UsageException when the options don't go together, the token can't be read, or one is needed */
    void check() {
        if (listen == null && tokenFile != null) {
            throw new UsageException("admin-token-file", "goes with --admin, which is not given");
        }
        String token = AdminToken.in(tokenFile);
        if (listen != null) {
            WebServer.resolve(listen, token);
        }
    }

    boolean areGiven() {
        return listen != null;
    }

    /**
     * To be called when they are given; nothing of the server is loaded otherwise.
     *
     * @throws UsageException when the server can't be started
     */
    AdminServer start(Middlebox proxy) {
        if (listen == null) {
            throw new IllegalStateException("--admin is not given");
        }
        return AdminServer.start(proxy, listen, AdminToken.in(tokenFile));
    }
}
