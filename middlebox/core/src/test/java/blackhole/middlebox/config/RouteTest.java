package blackhole.middlebox.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:19092=10.0.0.7:9092, 127.0.0.1, 19092, 10.0.0.7, 9092",
        "19092=broker:9092, 127.0.0.1, 19092, broker, 9092",
        "0=broker:9092, 127.0.0.1, 0, broker, 9092",
        "[::1]:19092=[fe80::1]:9092, ::1, 19092, fe80::1, 9092",
        "localhost:65535=localhost:1, localhost, 65535, localhost, 1",
    })
    void listenAndUpstreamAreReadAndWritten(String text, String host, int port, String upstreamHost, int upstreamPort) {
        Route route = Route.parse(text);

        assertThat(route)
                .isEqualTo(new Route(
                        new Endpoint(host, port), new Upstream.Server(new Endpoint(upstreamHost, upstreamPort))));
        assertThat(route.toString()).endsWith(text);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "19092, is not [HOST:]PORT=HOST:PORT",
                "\"\", is not [HOST:]PORT=HOST:PORT",
                "19092=broker, 'broker' has no port",
                "19092=broker:, '' is not a port",
                "19092=broker:http, 'http' is not a port",
                "19092=broker:65536, port 65536 is not between",
                "19092=broker:123456, '123456' is not a port",
                "19092=broker:-1, '-1' is not a port",
                "65536=broker:1, port 65536 is not between",
                "=broker:9092, '' is not a port",
                "19092=, has no port",
                "19092=:9092, the host is empty",
                "19092=[]:9092, the host is empty",
                ":19092=broker:9092, the host is empty",
                "broker=broker:9092, 'broker' is not a port",
                "19092=::1:9092, IPv6 address without brackets",
                "::1:19092=broker:9092, IPv6 address without brackets",
                "19092=broker:0, the upstream's port can't be 0",
                "19092=localhost:19092, would be relayed to itself",
                "0.0.0.0:19092=127.0.0.1:19092, would be relayed to itself",
                "broker:9092=broker:9092, would be relayed to itself",
            })
    void malformedRouteIsRefusedWithTheReason(String text, String reason) {
        assertThatThrownBy(() -> Route.parse(text))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 127.0.0.1:9092", "fe80::1, [fe80:0:0:0:0:0:0:1]:9092"})
    void socketsAddressIsAnEndpoint(String host, String text) {
        assertThat(Endpoint.of(new InetSocketAddress(host, 9092))).hasToString(text);
    }
}
