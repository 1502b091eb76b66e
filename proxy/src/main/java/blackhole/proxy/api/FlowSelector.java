package blackhole.proxy.api;

import blackhole.middlebox.config.Cidr;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.UsageException;
import blackhole.middlebox.flow.Flow;
import io.vertx.core.MultiMap;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The flows that a command is for.
 *
 * @param notFound the problem if there are none
 */
public record FlowSelector(Predicate<Flow> selected, String notFound) {
    public static FlowSelector byId(long id) {
        return new FlowSelector(flow -> flow.id() == id, "no flow " + id);
    }

    /** @throws Problem if {@code query} doesn't name a client */
    public static FlowSelector byClient(MultiMap query) {
        return client(query)
                .map(FlowSelector::byClient)
                .orElseThrow(() -> Problem.inField("client", "is missing; use ADDRESS, ADDRESS:PORT or CIDR"));
    }

    /** Selects all flows if {@code query} doesn't name a client. */
    public static FlowSelector byClientOrAll(MultiMap query) {
        return client(query)
                .map(FlowSelector::byClient)
                .orElseGet(() -> new FlowSelector(flow -> true, "there are no flows"));
    }

    private static Optional<String> client(MultiMap query) {
        return new Parameters(query, "client").text("client");
    }

    private static FlowSelector byClient(String client) {
        return new FlowSelector(ofClient(client), "no flow of client " + client);
    }

    /** @throws Problem unless {@code client} is {@code ADDRESS}, {@code ADDRESS:PORT}, {@code [IPV6]:PORT} or a CIDR */
    static Predicate<Flow> ofClient(String client) {
        try {
            Endpoint endpoint = hasPort(client) ? Endpoint.parse(client) : null;
            Cidr range = Cidr.parse(endpoint == null ? client : endpoint.host());
            return flow -> {
                InetSocketAddress peer = flow.client().peer();
                return peer != null
                        && range.contains(peer.getAddress())
                        && (endpoint == null || endpoint.port() == peer.getPort());
            };
        } catch (UsageException e) {
            throw Problem.inField(
                    "client", "must be ADDRESS, ADDRESS:PORT or a CIDR such as 10.0.0.0/8: " + e.getMessage());
        }
    }

    /** Two colons without brackets make an IPv6 address. */
    private static boolean hasPort(String client) {
        return client.indexOf('/') < 0
                && (client.startsWith("[")
                        || (client.indexOf(':') >= 0 && client.indexOf(':') == client.lastIndexOf(':')));
    }
}
