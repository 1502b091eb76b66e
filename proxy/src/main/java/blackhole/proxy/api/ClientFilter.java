package blackhole.proxy.api;

import blackhole.middlebox.config.Cidr;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.UsageException;
import blackhole.middlebox.flow.Flow;
import blackhole.proxy.http.Problem;
import java.net.InetSocketAddress;
import java.util.function.Predicate;

/** The flows of a client: {@code ADDRESS}, {@code ADDRESS:PORT} ({@code [IPV6]:PORT}) or {@code ADDRESS/PREFIX}. */
public record ClientFilter(Cidr range, int port) implements Predicate<Flow> {
    private static final int ANY_PORT = 0;

    /** @throws Problem when {@code text} is none of these */
    public static ClientFilter parse(String field, String text) {
        try {
            if (isAddressWithPort(text)) {
                Endpoint endpoint = Endpoint.parse(text);
                return new ClientFilter(Cidr.parse(endpoint.host()), endpoint.port());
            }
            return new ClientFilter(Cidr.parse(text), ANY_PORT);
        } catch (UsageException e) {
            throw Problem.inField(
                    field, "must be ADDRESS, ADDRESS:PORT or a range such as 10.0.0.0/8: " + e.getMessage());
        }
    }

    /** Two colons outside of brackets are of an IPv6 address. */
    private static boolean isAddressWithPort(String text) {
        return text.indexOf('/') < 0
                && (text.startsWith("[") || text.indexOf(':') >= 0 && text.indexOf(':') == text.lastIndexOf(':'));
    }

    @Override
    public boolean test(Flow flow) {
        InetSocketAddress client = flow.client().peer();
        return client != null && range.contains(client.getAddress()) && (port == ANY_PORT || port == client.getPort());
    }
}
