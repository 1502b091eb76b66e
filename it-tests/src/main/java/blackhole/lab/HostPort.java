package blackhole.lab;

import blackhole.middlebox.config.Endpoint;
import java.net.InetSocketAddress;

/** Addresses as Kafka's settings and {@code Route.parse} spell them. */
final class HostPort {

    private HostPort() {}

    /** {@code HOST:PORT}, with brackets around an IPv6 address and without asking a resolver. */
    static String of(InetSocketAddress address) {
        return new Endpoint(address.getHostString(), address.getPort()).toString();
    }
}
