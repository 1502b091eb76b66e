package blackhole.middlebox.config;

import java.util.Set;

/**
 * Where the proxy listens and where it relays connections to.
 *
 * @param listen the address to accept on; port 0 means any free one
 * @param upstream what is behind the middlebox
 */
public record Route(Endpoint listen, Upstream upstream) {
    private static final String NO_UPSTREAM = "none";
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost");
    private static final String ANY = "0.0.0.0";

    /** @throws UsageException if the upstream's port is 0, or the upstream is the listening address */
    public Route {
        if (upstream instanceof Upstream.Server server) {
            if (server.endpoint().port() == 0) {
                throw new UsageException("the upstream's port can't be 0");
            }
            if (isLoop(listen, server.endpoint())) {
                throw new UsageException(
                        listen + " would be relayed to itself; use the broker's own address after the =");
            }
        }
    }

    /** Compares names only; nothing is looked up. */
    private static boolean isLoop(Endpoint listen, Endpoint upstream) {
        return listen.port() == upstream.port()
                && (listen.host().equals(upstream.host())
                        || (LOOPBACK.contains(upstream.host())
                                && (LOOPBACK.contains(listen.host())
                                        || listen.host().equals(ANY))));
    }

    /**
     * Reads {@code [HOST:]PORT=HOST:PORT} or {@code [HOST:]PORT=none}; without the first host, loopback.
     *
     * @throws UsageException if {@code text} is not a route
     */
    public static Route parse(String text) {
        int equals = text.indexOf('=');
        if (equals < 0) {
            throw new UsageException("'" + text + "' is not [HOST:]PORT=HOST:PORT or [HOST:]PORT=none");
        }
        String listen = text.substring(0, equals);
        String upstream = text.substring(equals + 1);
        return new Route(
                Endpoint.parseListen(listen),
                upstream.equals(NO_UPSTREAM) ? new Upstream.None() : new Upstream.Server(Endpoint.parse(upstream)));
    }

    /** Returns a route for redirected connections, which relays each one to its original destination. */
    public static Route transparent(Endpoint listen) {
        return new Route(listen, new Upstream.OriginalDestination());
    }

    /** The name of the command line option for such a route, without dashes. */
    public String option() {
        return isTransparent() ? "transparent" : "route";
    }

    /** Whether connections are relayed to their original destination. */
    public boolean isTransparent() {
        return upstream instanceof Upstream.OriginalDestination;
    }

    @Override
    public String toString() {
        return isTransparent() ? listen.toString() : listen + "=" + upstream;
    }
}
