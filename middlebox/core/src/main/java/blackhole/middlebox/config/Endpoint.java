package blackhole.middlebox.config;

import java.net.InetSocketAddress;

/**
 * A host and a port as a user writes them: {@code HOST:PORT}, an IPv6 address in brackets.
 *
 * @param host a name or an address, without brackets
 * @param port 0 to 65535; 0 means any, where something is to listen
 */
public record Endpoint(String host, int port) {
    private static final String LOOPBACK = "127.0.0.1";

    /** @throws UsageException when the host is empty or the port is out of range */
    public Endpoint {
        if (host.isBlank()) {
            throw new UsageException("the host is empty");
        }
        if (port < 0 || port > 65535) {
            throw new UsageException("port " + port + " is not between 0 and 65535");
        }
    }

    /** The numeric form of a socket's address. */
    public static Endpoint of(InetSocketAddress address) {
        return new Endpoint(address.getAddress().getHostAddress(), address.getPort());
    }

    /** @throws UsageException when {@code text} is not {@code HOST:PORT} or {@code [IPV6]:PORT} */
    public static Endpoint parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw new UsageException("'" + text + "' has no port; write HOST:PORT");
        }
        return new Endpoint(hostOf(text.substring(0, colon), text), parsePort(text.substring(colon + 1)));
    }

    /**
     * Reads {@code [HOST:]PORT}, where something is to listen; no host means loopback.
     *
     * @throws UsageException when {@code text} is neither a port nor as {@link #parse} reads it
     */
    public static Endpoint parseListen(String text) {
        return text.indexOf(':') < 0 ? new Endpoint(LOOPBACK, parsePort(text)) : parse(text);
    }

    private static String hostOf(String host, String text) {
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (!bracketed && host.indexOf(':') >= 0) {
            throw new UsageException("'" + text + "' has an IPv6 address without brackets; write [ADDRESS]:PORT");
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
