package blackhole.keepalive;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says which options the sockets of a Kafka client get. A client is what is built inside {@link #with}: its network
 * selector is opened on the thread that calls its constructor and keeps the options for all connections that it ever
 * makes, so several clients in one JVM can differ, and an embedded broker's sockets stay as they are.
 *
 * <p>{@link KeepaliveAgent} sets options for the clients that are built outside: {@link #with} wins over them.
 *
 * <p>Needs {@link SocketAgent} in the JVM.
 */
public final class SocketTuning {

    private static final ThreadLocal<SocketTuning> SCOPE = new ThreadLocal<>();

    private static volatile @Nullable SocketTuning everywhere;

    private final SocketOptions options;
    private final SocketListener listener;

    private SocketTuning(SocketOptions options, SocketListener listener) {
        this.options = Objects.requireNonNull(options);
        this.listener = Objects.requireNonNull(listener);
    }

    /**
     * Builds a Kafka client whose sockets all get these options.
     *
     * @param options for every connection of the client, for as long as it lives
     * @param listener hears of each connection, on the client's I/O thread
     * @param client calls the constructor or factory of one or more Kafka clients, on this thread
     * @throws IllegalStateException if the agent is not in this JVM; the message says how to start it
     */
    public static <T> T with(SocketOptions options, SocketListener listener, Supplier<T> client) {
        SocketAgent.requireInstalled();
        SocketTuning outer = SCOPE.get();
        SCOPE.set(new SocketTuning(options, listener));
        try {
            return client.get();
        } finally {
            if (outer == null) {
                SCOPE.remove();
            } else {
                SCOPE.set(outer);
            }
        }
    }

    /** Whether {@link SocketAgent} is in this JVM, so that {@link #with} can work. */
    public static boolean available() {
        return SocketAgent.installed();
    }

    /** From now on, for the Kafka clients that are built outside {@link #with}, on whatever thread. */
    static void everywhere(SocketOptions options, SocketListener listener) {
        everywhere = new SocketTuning(options, listener);
    }

    static Optional<SocketTuning> inScope() {
        return Optional.ofNullable(SCOPE.get());
    }

    static Optional<SocketTuning> outsideScopes() {
        return Optional.ofNullable(everywhere);
    }

    SocketOptions options() {
        return options;
    }

    SocketListener listener() {
        return listener;
    }
}
