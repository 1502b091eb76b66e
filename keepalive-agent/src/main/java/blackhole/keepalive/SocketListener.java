package blackhole.keepalive;

/**
 * Hears of a Kafka client's connections. Called on the client's I/O thread, so an implementation returns soon and does
 * not throw.
 */
public interface SocketListener {

    /** A connection was begun (it need not be established yet) and its options were set and read back. */
    void opened(TunedSocket socket);

    /** A connection is closed; noticed when the client next waits for its sockets, which is at once. */
    default void closed(TunedSocket socket, SocketEnd end) {}

    /** Whether to call {@link #closed}, which costs a look at each socket that is ready; constant. */
    default boolean hearsOfEnds() {
        return true;
    }
}
