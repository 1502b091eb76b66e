package blackhole.kafka;

import blackhole.middlebox.codec.RouteOpener;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.Upstream;
import blackhole.middlebox.config.UsageException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The brokers that a route knows, each with a port for its life. A broker's port is that of its id modulo the number of
 * ports, or the next free one. Ports that belong to no broker yet lead to the bootstrap server, because clients of an
 * earlier run may know them. Thread-safe.
 */
final class Cluster {
    private static final Logger LOG = System.getLogger(Cluster.class.getName());

    final KafkaRoute route;
    final @Nullable TlsClient tls;

    private final Map<Integer, BrokerPort> byId = new HashMap<>();
    private final List<BrokerPort> pool = new ArrayList<>();
    private final Endpoint bootstrap;
    private @Nullable RouteOpener opener;

    /** @throws UsageException if the TLS settings can't be used */
    Cluster(KafkaRoute route) {
        this.route = route;
        bootstrap = ((Upstream.Server) route.bootstrap().upstream()).endpoint();
        tls = route.tls() == null ? null : new TlsClient(route.tls());
    }

    /** Opens the ports of the range, if there is one. */
    synchronized void open(RouteOpener routes) {
        opener = routes;
        PortRange range = route.ports();
        if (range == null) {
            return;
        }
        for (int port = range.first(); port <= range.last(); port++) {
            if (port != route.bootstrap().listen().port()) {
                pool.add(open(port));
            }
        }
    }

    private BrokerPort open(int port) {
        BrokerPort opened = new BrokerPort(this);
        Objects.requireNonNull(opener, "the bootstrap route is open")
                .open(new Endpoint(route.bootstrap().listen().host(), port), opened);
        return opened;
    }

    Endpoint bootstrap() {
        return bootstrap;
    }

    /**
     * Returns the port of a broker, which is open when this returns, and leads to its address from now on.
     *
     * @throws RefusedException if there is none left
     */
    synchronized int portOf(int brokerId, Endpoint address) throws RefusedException {
        BrokerPort known = byId.get(brokerId);
        if (known == null) {
            known = route.ports() == null ? anyPort(brokerId) : pooled(brokerId);
            byId.put(brokerId, known);
        }
        if (known.lead(brokerId, address)) {
            LOG.log(Level.INFO, "broker " + brokerId + " at " + address + ": clients reach it on port " + known.port());
        }
        return known.port();
    }

    private BrokerPort anyPort(int brokerId) throws RefusedException {
        try {
            return open(0);
        } catch (UsageException e) {
            throw new RefusedException("no port for broker " + brokerId + ": " + e.getMessage());
        }
    }

    private BrokerPort pooled(int brokerId) throws RefusedException {
        for (int i = 0; i < pool.size(); i++) {
            BrokerPort candidate = pool.get((int) ((brokerId + (long) i) % pool.size()));
            if (!candidate.hasBroker()) {
                return candidate;
            }
        }
        throw new RefusedException("no port left for broker " + brokerId + ": --kafka-ports " + route.ports() + " has "
                + pool.size() + " ports, for brokers "
                + byId.keySet().stream().sorted().toList()
                + "; use a larger range and restart the proxy");
    }

    String advertisedHost(InetSocketAddress clientConnectedTo) {
        String host = route.advertisedHost();
        return host != null ? host : clientConnectedTo.getAddress().getHostAddress();
    }
}
