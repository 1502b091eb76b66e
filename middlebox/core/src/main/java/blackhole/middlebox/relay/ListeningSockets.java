package blackhole.middlebox.relay;

import blackhole.middlebox.kernel.TcpSocket;
import io.netty.channel.Channel;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The listening sockets: open, or silent so that a SYN gets no answer. Thread-safe. */
final class ListeningSockets {
    private static final Logger LOG = System.getLogger(ListeningSockets.class.getName());

    private final List<Channel> channels = new ArrayList<>();
    private boolean silent;
    private volatile boolean haveBeenSilent;

    synchronized void add(Channel channel) {
        channels.add(channel);
    }

    /**
     * A SYN that came while silent is retransmitted by its client, and connects after the silence.
     *
     * @param wantedNow asked under the lock, so that of two threads the one that comes last also knows last
     */
    synchronized void setSilent(BooleanSupplier wantedNow) {
        boolean wanted = wantedNow.getAsBoolean();
        if (wanted != silent) {
            silent = wanted;
            haveBeenSilent |= wanted;
            channels.forEach(channel -> TcpSocket.of(channel).ifPresent(socket -> setSilent(socket, wanted)));
        }
    }

    static void unmute(TcpSocket socket) {
        setSilent(socket, false);
    }

    private static void setSilent(TcpSocket socket, boolean silent) {
        try {
            if (silent) {
                socket.blackhole();
            } else {
                socket.heal();
            }
        } catch (IOException e) {
            LOG.log(Level.ERROR, "failed to " + (silent ? "blackhole" : "restore") + " a listening socket", e);
        }
    }

    /** Whether a client may have been accepted by a silent socket, and have its silence from it. */
    boolean haveBeenSilent() {
        return haveBeenSilent;
    }

    /** Waits for the event loops without the lock, as they may wait for it. */
    void close() {
        List<Channel> open;
        synchronized (this) {
            open = List.copyOf(channels);
            channels.clear();
        }
        open.forEach(channel -> channel.close().awaitUninterruptibly());
    }
}
