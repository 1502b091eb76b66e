package blackhole.kafka;

import blackhole.middlebox.codec.FlowCodec;
import blackhole.middlebox.codec.RouteCodec;
import blackhole.middlebox.codec.RouteOpener;
import blackhole.middlebox.config.Endpoint;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The route of one port: to its broker, or to the bootstrap server while it has none. Thread-safe. */
final class BrokerPort implements RouteCodec {
    private final Cluster cluster;
    /** Flows that were opened while the port had no broker. */
    private final Set<KafkaFlow> withoutBroker = ConcurrentHashMap.newKeySet();

    private @Nullable InetSocketAddress listening;
    private volatile @Nullable Broker broker;

    private record Broker(int id, Endpoint address) {}

    BrokerPort(Cluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public String option() {
        return KafkaRoute.OPTION;
    }

    @Override
    public void opened(InetSocketAddress address, RouteOpener opener) {
        listening = address;
    }

    int port() {
        return Objects.requireNonNull(listening, "the port is open").getPort();
    }

    boolean hasBroker() {
        return broker != null;
    }

    /** Leads to this broker from now on. Returns false if it already did. */
    boolean lead(int brokerId, Endpoint address) {
        Broker now = new Broker(brokerId, address);
        if (now.equals(broker)) {
            return false;
        }
        broker = now;
        // A client takes what it is connected to for the broker of this port.
        withoutBroker.forEach(flow -> flow.endUnlessTo(address));
        return true;
    }

    @Override
    public FlowCodec newFlow() {
        Broker to = broker;
        if (to != null) {
            return new KafkaFlow(cluster, to.address(), "node " + to.id(), null);
        }
        return new KafkaFlow(cluster, cluster.bootstrap(), "unknown node", this);
    }

    void add(KafkaFlow flow) {
        withoutBroker.add(flow);
        Broker now = broker;
        if (now != null) {
            flow.endUnlessTo(now.address());
        }
    }

    void remove(KafkaFlow flow) {
        withoutBroker.remove(flow);
    }
}
