package blackhole.keepalive;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Delegates to the JDK's selector, and sets the options of each socket that is registered for {@code OP_CONNECT}.
 * kafka-clients registers a new connection that way, after it has called {@code setKeepAlive(true)}, so keepalive can
 * still be turned off. Connections that a broker accepts are registered for {@code OP_READ}.
 *
 * <p>Keys belong to the JDK's selector: {@code channel.keyFor(thisSelector)} is null, but kafka-clients never calls it.
 */
final class TunedSelector extends AbstractSelector {

    private final TunedSelectorProvider provider;
    private final AbstractSelector jdk;
    private final SocketTuning tuning;
    private final KernelSockets kernel;

    private final Map<SocketChannel, TunedSocket> open = new ConcurrentHashMap<>();

    /** Who ended those of the open sockets that a select found ended. */
    private final Map<SocketChannel, SocketEnd> ended = new ConcurrentHashMap<>();

    TunedSelector(TunedSelectorProvider provider, AbstractSelector jdk, SocketTuning tuning, KernelSockets kernel) {
        super(provider);
        this.provider = provider;
        this.jdk = jdk;
        this.tuning = tuning;
        this.kernel = kernel;
    }

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int operations, Object attachment) {
        try {
            SelectionKey key = channel.register(jdk, operations, attachment);
            if ((operations & SelectionKey.OP_CONNECT) != 0 && channel instanceof SocketChannel socketChannel) {
                guarded(() -> tune(socketChannel, key));
            }
            return key;
        } catch (IOException e) {
            // Only ClosedChannelException, which the caller's own check has ruled out but for a race with close().
            throw new IllegalStateException("the channel was closed while it was registered", e);
        }
    }

    private void tune(SocketChannel channel, SelectionKey key) {
        TunedSocket socket = kernel.tune(channel, key, tuning.options);
        if (tuning.listener.wantsClosed()) {
            open.put(channel, socket);
        }
        tuning.listener.opened(socket);
    }

    /** Runs on the application's thread, so no failure may escape. */
    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | LinkageError e) {
            provider.failed(e);
        }
    }

    @Override
    public int select() throws IOException {
        return select(0);
    }

    @Override
    public int select(long timeoutMillis) throws IOException {
        guarded(this::reportClosed);
        int ready = jdk.select(timeoutMillis);
        guarded(this::noteCloses);
        return ready;
    }

    @Override
    public int selectNow() throws IOException {
        guarded(this::reportClosed);
        int ready = jdk.selectNow();
        guarded(this::noteCloses);
        return ready;
    }

    @Override
    public Set<SelectionKey> keys() {
        return jdk.keys();
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
        return jdk.selectedKeys();
    }

    @Override
    public Selector wakeup() {
        jdk.wakeup();
        return this;
    }

    @Override
    protected void implCloseSelector() throws IOException {
        jdk.close();
        guarded(this::reportClosed);
    }

    /** A dead connection is ready for reading, and until the client closes it the kernel knows who ended it. */
    private void noteCloses() {
        if (open.isEmpty()) {
            return;
        }
        for (SelectionKey key : jdk.selectedKeys()) {
            if (key.channel() instanceof SocketChannel channel
                    && open.containsKey(channel)
                    && !ended.containsKey(channel)) {
                kernel.endOf(channel).ifPresent(end -> ended.put(channel, end));
            }
        }
    }

    @SuppressWarnings("ModifyCollectionInEnhancedForLoop") // A ConcurrentHashMap allows it.
    private void reportClosed() {
        for (TunedSocket socket : open.values()) {
            SocketChannel channel = socket.channel();
            if (!channel.isOpen() && open.remove(channel) != null) {
                SocketEnd end = ended.remove(channel);
                // It may have ended between the last check and the client's close. The JDK keeps the descriptor of a
                // closed channel until the selector has dropped its registration (SocketChannelImpl.kill).
                if (end == null && channel.isRegistered()) {
                    end = kernel.endBeforeClose(socket).orElse(null);
                }
                tuning.listener.closed(socket, end == null ? SocketEnd.CLIENT : end);
            }
        }
    }
}
