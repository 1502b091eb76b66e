package blackhole.client.scenario;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code HOST:PORT[,HOST:PORT…]}, an IPv6 address in brackets. */
final class BootstrapServers {

    private static final Pattern SERVER = Pattern.compile("(?:\\[(?<ipv6>.+)]|(?<host>[^:]+)):(?<port>\\d{1,5})");

    private BootstrapServers() {}

    /** @throws ScenarioException if it is malformed */
    static List<InetSocketAddress> parse(String servers) {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (String server : servers.split(",", -1)) {
            Matcher parts = SERVER.matcher(server.trim());
            int port = parts.matches() ? Integer.parseInt(parts.group("port")) : 0;
            if (port < 1 || port > 65_535) {
                throw new ScenarioException(
                        "--bootstrap-server " + servers + ": not HOST:PORT, such as 127.0.0.1:19092 or [::1]:19092");
            }
            String host = Objects.requireNonNullElse(parts.group("host"), parts.group("ipv6"));
            addresses.add(InetSocketAddress.createUnresolved(host, port));
        }
        return addresses;
    }

    /** Returns all addresses of each, without unknown hosts. */
    static Set<InetSocketAddress> resolved(String servers) {
        Set<InetSocketAddress> addresses = new HashSet<>();
        for (InetSocketAddress server : parse(servers)) {
            try {
                for (InetAddress address : InetAddress.getAllByName(server.getHostString())) {
                    addresses.add(new InetSocketAddress(address, server.getPort()));
                }
            } catch (UnknownHostException unknown) {
                // Another one may be known.
            }
        }
        return addresses;
    }

    /**
     * Fails fast if no server can be reached.
     *
     * @throws ScenarioException if every host is unknown or refuses the connection
     */
    static void requireReachable(String servers, Duration timeout) {
        List<String> reasons = new ArrayList<>();
        List<InetSocketAddress> addresses = parse(servers);
        for (InetSocketAddress address : addresses) {
            InetSocketAddress resolved = new InetSocketAddress(address.getHostString(), address.getPort());
            if (resolved.isUnresolved()) {
                reasons.add("unknown host " + address.getHostString());
                continue;
            }
            try (Socket socket = new Socket()) {
                socket.connect(resolved, (int) timeout.toMillis());
            } catch (ConnectException e) {
                reasons.add("connection refused; is a broker or the proxy listening there?");
            } catch (IOException slowOrUnreachable) {
                return;
            }
        }
        if (reasons.size() == addresses.size()) {
            throw new ScenarioException("--bootstrap-server " + servers + ": " + reasons.get(0));
        }
    }
}
