package blackhole.keepalive;

/**
 * Receives the connections of a Kafka client. Called on the client's I/O thread: implementations must return quickly and
 * not throw.
 */
public interface SocketListener {

    /** Called when a connection was started and its options were set and read back; it may not be established yet. */
    void opened(TunedSocket socket);

    /** Called when a connection is closed, as soon as the client next selects. */
    default void closed(TunedSocket socket, SocketEnd end) {}

    /** Returns whether {@link #closed} is to be called, which costs a check of each ready socket; constant. */
    default boolean wantsClosed() {
        return true;
    }
}
