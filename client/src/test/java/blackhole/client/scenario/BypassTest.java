package blackhole.client.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class BypassTest {

    private static final InetSocketAddress PROXY = new InetSocketAddress("192.0.2.1", 9092);

    @Test
    void leadersOnOtherHostsAreABypassAlthoughThePortIsTheSame() {
        Optional<Bypass> found = found(Map.of(
                "b1.example:9092", new InetSocketAddress("198.51.100.1", 9092),
                "b2.example:9092", new InetSocketAddress("198.51.100.2", 9092)));

        assertThat(found)
                .contains(new Bypass(
                        true,
                        "the proxy is being bypassed, unless connections are redirected to it: the broker advertises b1.example:9092, b2.example:9092,"
                                + " the bootstrap server was proxy:9092; use the proxy's --kafka route, or set the broker's"
                                + " advertised.listeners to the proxy's address"));
    }

    @Test
    void anotherPortOfTheSameHostMayBeAnotherProxy() {
        Optional<Bypass> found = found(Map.of("proxy:9093", new InetSocketAddress("192.0.2.1", 9093)));

        assertThat(found)
                .contains(new Bypass(
                        false,
                        "the proxy may be bypassed: the broker advertises proxy:9093, the bootstrap server was"
                                + " proxy:9092; unless that is also a proxy, use the proxy's --kafka route, or set the"
                                + " broker's advertised.listeners to the proxy's address"));
    }

    @Test
    void loopbackAddressesAreOneHost() {
        Optional<Bypass> found = Bypass.of(
                "127.0.0.1:9092",
                Set.of(new InetSocketAddress("127.0.0.1", 9092)),
                Map.of("127.0.0.2:9092", new InetSocketAddress("127.0.0.2", 9092)));

        assertThat(found.map(Bypass::certain)).contains(false);
    }

    @Test
    void leaderBehindABootstrapServerIsNone() {
        assertThat(found(Map.of(
                        "proxy.example:9092", PROXY, "b2.example:9092", new InetSocketAddress("198.51.100.2", 9092))))
                .isEmpty();
        assertThat(found(Map.of())).isEmpty();
    }

    private static Optional<Bypass> found(Map<String, InetSocketAddress> leaders) {
        return Bypass.of("proxy:9092", Set.of(PROXY), new TreeMap<>(leaders));
    }
}
