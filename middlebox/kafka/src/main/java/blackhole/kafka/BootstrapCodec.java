package blackhole.kafka;

import blackhole.middlebox.codec.FlowCodec;
import blackhole.middlebox.codec.RouteCodec;
import blackhole.middlebox.codec.RouteOpener;
import java.net.InetSocketAddress;

/** The route that clients bootstrap from. */
final class BootstrapCodec implements RouteCodec {
    private final Cluster cluster;

    BootstrapCodec(Cluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public String option() {
        return KafkaRoute.OPTION;
    }

    @Override
    public void opened(InetSocketAddress listening, RouteOpener opener) {
        cluster.open(opener);
    }

    @Override
    public FlowCodec newFlow() {
        return new KafkaFlow(cluster, cluster.bootstrap(), "bootstrap", null);
    }
}
