package blackhole.client.scenario;

import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * The producer's connections to brokers did not go to a bootstrap server, where the proxy is thought to be.
 *
 * @param certain whether they went to other hosts; another port of the same host may be another proxy
 * @param warning one line
 */
record Bypass(boolean certain, String warning) {

    /**
     * @param servers as the user gave them
     * @param bootstrap their addresses
     * @param leaders addresses of the connections to the partitions' leaders, by what the brokers advertise
     * @return empty if one of those leads to a bootstrap server, or none is known
     */
    static Optional<Bypass> of(
            String servers, Collection<InetSocketAddress> bootstrap, Map<String, InetSocketAddress> leaders) {
        if (leaders.isEmpty() || leaders.values().stream().anyMatch(bootstrap::contains)) {
            return Optional.empty();
        }
        boolean sameHost = leaders.values().stream()
                .anyMatch(leader -> bootstrap.stream().anyMatch(server -> sameHost(server, leader)));
        String told = "the broker advertises " + String.join(", ", leaders.keySet()) + ", the bootstrap server was "
                + servers;
        String mend = "set the broker's advertised.listeners to the proxy's address";
        return Optional.of(
                sameHost
                        ? new Bypass(
                                false, "the proxy may be bypassed: " + told + "; unless a proxy is there too, " + mend)
                        : new Bypass(true, "the proxy is being bypassed: " + told + "; " + mend));
    }

    private static boolean sameHost(InetSocketAddress a, InetSocketAddress b) {
        return a.getAddress().equals(b.getAddress())
                || a.getAddress().isLoopbackAddress() && b.getAddress().isLoopbackAddress();
    }
}
