package blackhole.keepalive;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sets the socket options of the Kafka clients that are built inside {@link #with}. A client opens its network selector on
 * the thread that calls its constructor, and the selector keeps the options for all connections the client ever makes. So
 * several clients in one JVM can differ, and an embedded broker's sockets are left alone.
 *
 * <p>Options given to {@link KeepaliveAgent} apply to clients built outside {@link #with}.
 *
 * <p>Requires {@link KeepaliveAgent} in the JVM.
 */
public final class SocketTuning {

    /** What to tell the user if {@link #isAvailable} is false. */
    public static final String UNAVAILABLE =
            "the keepalive agent is not in this JVM, so socket options can't be set: add"
                    + " -javaagent:blackhole-keepalive-agent.jar=scoped";

    private static final ThreadLocal<SocketTuning> SCOPE = new ThreadLocal<>();

    private static volatile @Nullable SocketTuning everywhere;

    final SocketOptions options;
    final SocketListener listener;

    private SocketTuning(SocketOptions options, SocketListener listener) {
        this.options = Objects.requireNonNull(options);
        this.listener = Objects.requireNonNull(listener);
    }

    /**
     * Builds a Kafka client whose sockets all get these options.
     *
     * @param options for every connection of the client, for as long as it lives
     * @param listener receives each connection, on the client's I/O thread
     * @param client calls the constructor or factory of one or more Kafka clients, on this thread
     * @throws IllegalStateException if the agent is not in this JVM; the message says how to start it
     */
    public static <T> T with(SocketOptions options, SocketListener listener, Supplier<T> client) {
        if (!isAvailable()) {
            throw new IllegalStateException(UNAVAILABLE);
        }
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

    /** Returns whether {@link KeepaliveAgent} is in this JVM, which {@link #with} requires. */
    public static boolean isAvailable() {
        return TunedSelectorProvider.isInstalled();
    }

    /** Sets the options of all Kafka clients that are built outside {@link #with} from now on. */
    static void everywhere(SocketOptions options, SocketListener listener) {
        everywhere = new SocketTuning(options, listener);
    }

    static Optional<SocketTuning> inScope() {
        return Optional.ofNullable(SCOPE.get());
    }

    static Optional<SocketTuning> outsideScopes() {
        return Optional.ofNullable(everywhere);
    }
}
