package blackhole.proxy.cli;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.Route;
import blackhole.middlebox.config.Upstream;
import blackhole.middlebox.config.UsageException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/** Finds a mistyped upstream at startup. */
final class UpstreamCheck {
    private static final int TIMEOUT_MILLIS = 3_000;

    private UpstreamCheck() {}

    static void connectOnce(String option, Route route) {
        if (!(route.upstream() instanceof Upstream.Server server)) {
            return;
        }
        Endpoint upstream = server.endpoint();
        InetSocketAddress address = new InetSocketAddress(upstream.host(), upstream.port());
        if (address.isUnresolved()) {
            throw new UsageException(
                    option,
                    route + ": the name " + upstream.host()
                            + " can't be resolved; check it, or use --no-upstream-check");
        }
        try (Socket socket = new Socket()) {
            socket.connect(address, TIMEOUT_MILLIS);
        } catch (IOException e) {
            throw new UsageException(
                    option,
                    route + ": can't connect to " + upstream + ": " + e.getMessage()
                            + "; start it first, or use --no-upstream-check");
        }
    }
}
