package blackhole.proxy;

/**
 * Where the proxy listens, and where it passes the connections on to.
 *
 * @param listen the address to accept on; port 0 means any free one
 * @param upstream the server behind the middlebox; its name is resolved anew for each connection
 */
public record Route(Endpoint listen, Endpoint upstream) {
    private static final String LOOPBACK = "127.0.0.1";

    /** @throws UsageException when the upstream's port is 0 */
    public Route {
        if (upstream.port() == 0) {
            throw new UsageException("the upstream's port can't be 0");
        }
    }

    /**
     * Reads {@code [HOST:]PORT=HOST:PORT}; no host before the first port means loopback.
     *
     * @throws UsageException when {@code text} is not a route
     */
    public static Route parse(String text) {
        int equals = text.indexOf('=');
        if (equals < 0) {
            throw new UsageException("'" + text + "' is not [HOST:]PORT=HOST:PORT");
        }
        String listen = text.substring(0, equals);
        return new Route(
                listen.indexOf(':') < 0 ? new Endpoint(LOOPBACK, Endpoint.parsePort(listen)) : Endpoint.parse(listen),
                Endpoint.parse(text.substring(equals + 1)));
    }

    @Override
    public String toString() {
        return listen + "=" + upstream;
    }
}
