package blackhole.client.scenario;

import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * The producer connected to brokers directly, not to a bootstrap server, which is assumed to be the proxy.
 *
 * @param certain whether they are on other hosts; another port of the same host may be another proxy
 * @param warning one line
 */
record Bypass(boolean certain, String warning) {

    /**
     * @param servers as given by the user
     * @param bootstrap their addresses
     * @param leaders addresses of the connections to the partitions' leaders, by advertised address
     * @return empty if one of them is a bootstrap server, or none is known
     */
    static Optional<Bypass> of(
            String servers, Collection<InetSocketAddress> bootstrap, Map<String, InetSocketAddress> leaders) {
        if (leaders.isEmpty() || leaders.values().stream().anyMatch(bootstrap::contains)) {
            return Optional.empty();
        }
        boolean sameHost = leaders.values().stream()
                .anyMatch(leader -> bootstrap.stream().anyMatch(server -> isSameHost(server, leader)));
        String facts = "the broker advertises " + String.join(", ", leaders.keySet()) + ", the bootstrap server was "
                + servers;
        String fix = "set the broker's advertised.listeners to the proxy's address";
        return Optional.of(
                sameHost
                        ? new Bypass(
                                false, "the proxy may be bypassed: " + facts + "; unless that is also a proxy, " + fix)
                        : new Bypass(true, "the proxy is being bypassed: " + facts + "; " + fix));
    }

    private static boolean isSameHost(InetSocketAddress a, InetSocketAddress b) {
        return a.getAddress().equals(b.getAddress())
                || (a.getAddress().isLoopbackAddress() && b.getAddress().isLoopbackAddress());
    }
}
