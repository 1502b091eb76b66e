package blackhole.lab;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * A broker of one node whose ports are known before it starts.
 *
 * <p>It has one direct listener, which advertises itself and never passes a proxy, and one or more proxied listeners,
 * each of which advertises the address given to {@link #start}. A Kafka client follows the advertised address of the
 * listener that it reached, so each proxied listener belongs to one proxy.
 *
 * <p>The life is reserved, started, closed, and nothing goes back. Not safe for use by several threads at once.
 */
public interface KafkaBroker extends AutoCloseable {

    /**
     * Where the proxies' routes lead: the addresses of the proxied listeners, known and held from the reservation on.
     *
     * @return one address for each proxied listener, on this machine; never empty
     */
    List<InetSocketAddress> upstreams();

    /** The first of {@link #upstreams()}. */
    default InetSocketAddress upstream() {
        return upstreams().get(0);
    }

    /**
     * Starts the broker and returns when it serves clients.
     *
     * @param advertised what each proxied listener tells clients to connect to, in the order of {@link #upstreams()}
     * @throws IllegalStateException if it can't start; the message says what to do about it where that is known
     */
    void start(List<InetSocketAddress> advertised);

    /** Starts a broker that has one proxied listener; otherwise as {@link #start(List)}. */
    default void start(InetSocketAddress advertised) {
        start(List.of(advertised));
    }

    /**
     * The bootstrap server of the direct listener, for administration and for reading topics back without a proxy.
     *
     * @return {@code HOST:PORT}
     */
    String directBootstrap();

    /** Stops the broker, and gives back its ports, threads and files. Does nothing the second time. */
    @Override
    void close();
}
