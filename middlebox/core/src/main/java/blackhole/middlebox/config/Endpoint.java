package blackhole.middlebox.config;

import java.net.InetSocketAddress;

/**
 * A host and a port, written as {@code HOST:PORT}, an IPv6 address in brackets.
 *
 * @param host a name or an address, without brackets
 * @param port 0 to 65535; 0 means any free port to listen on
 */
public record Endpoint(String host, int port) {
    private static final String LOOPBACK = "127.0.0.1";

    /** @throws UsageException if the host is empty or the port is out of range */
    public Endpoint {
        if (host.isBlank()) {
            throw new UsageException("the host is empty");
        }
        if (port < 0 || port > 65535) {
            throw new UsageException("port " + port + " is not between 0 and 65535");
        }
    }

    /** Returns a socket's address in numeric form. */
    public static Endpoint of(InetSocketAddress address) {
        return new Endpoint(address.getAddress().getHostAddress(), address.getPort());
    }

    /** @throws UsageException if {@code text} is not {@code HOST:PORT} or {@code [IPV6]:PORT} */
    public static Endpoint parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw new UsageException("'" + text + "' has no port; use HOST:PORT");
        }
        return new Endpoint(hostOf(text.substring(0, colon), text), parsePort(text.substring(colon + 1)));
    }

    /**
     * Reads {@code [HOST:]PORT}, an address to listen on; without a host, loopback.
     *
     * @throws UsageException if {@code text} is neither a port nor {@code HOST:PORT}
     */
    public static Endpoint parseListen(String text) {
        return text.indexOf(':') < 0 ? new Endpoint(LOOPBACK, parsePort(text)) : parse(text);
    }

    private static String hostOf(String host, String text) {
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (!bracketed && host.indexOf(':') >= 0) {
            throw new UsageException("'" + text + "' has an IPv6 address without brackets; use [ADDRESS]:PORT");
        }
        return bracketed ? host.substring(1, host.length() - 1) : host;
    }

    private static int parsePort(String text) {
        if (!text.matches("\\d{1,5}")) {
            throw new UsageException("'" + text + "' is not a port");
        }
        return Integer.parseInt(text);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
