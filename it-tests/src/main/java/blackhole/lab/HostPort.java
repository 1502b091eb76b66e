package blackhole.lab;

import java.net.Inet6Address;
import java.net.InetSocketAddress;

/** Addresses as Kafka's settings and {@code Route.parse} spell them. */
final class HostPort {

    private HostPort() {}

    /** {@code HOST:PORT}, with brackets around an IPv6 address and without asking a resolver. */
    static String of(InetSocketAddress address) {
        String host = address.getAddress() == null
                ? address.getHostString()
                : address.getAddress().getHostAddress();
        return address.getAddress() instanceof Inet6Address
                ? "[" + host + "]:" + address.getPort()
                : host + ":" + address.getPort();
    }
}
