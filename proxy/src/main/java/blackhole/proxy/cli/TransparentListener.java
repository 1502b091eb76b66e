package blackhole.proxy.cli;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.Route;
import blackhole.middlebox.config.UsageException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where to accept redirected connections.
 *
 * @param addresses one, or the same port of both loopback addresses, because the kernel redirects what this machine sends to the
 *     loopback address of its IP version
 */
record TransparentListener(List<Endpoint> addresses) {
    private static final String LOOPBACK_V4 = "127.0.0.1";
    private static final String LOOPBACK_V6 = "::1";

    /** @throws UsageException if {@code text} is neither a port nor {@code HOST:PORT} */
    static TransparentListener parse(String text) {
        if (text.indexOf('=') >= 0) {
            throw new UsageException("'" + text + "' has an upstream; use [HOST:]PORT, or --route");
        }
        Endpoint endpoint = Endpoint.parseListen(text);
        return text.indexOf(':') < 0 ? onLoopback(endpoint.port()) : new TransparentListener(List.of(endpoint));
    }

    /** Returns 127.0.0.1, and ::1 if this machine has IPv6. */
    static TransparentListener onLoopback(int port) {
        return new TransparentListener(Stream.of(LOOPBACK_V4, LOOPBACK_V6)
                .filter(TransparentListener::isLocal)
                .map(host -> new Endpoint(host, port))
                .toList());
    }

    private static boolean isLocal(String address) {
        try {
            return address.equals(LOOPBACK_V4)
                    || NetworkInterface.getByInetAddress(InetAddress.getByName(address)) != null;
        } catch (SocketException | UnknownHostException e) {
            return false;
        }
    }

    List<Route> routes() {
        return addresses.stream().map(Route::transparent).toList();
    }
}
