package blackhole.middlebox.relay;

import blackhole.middlebox.kernel.TcpSocket;
import io.netty.channel.Channel;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The listening sockets, which can be blackholed so that SYNs get no answer. Thread-safe. */
final class ListeningSockets {
    private static final Logger LOG = System.getLogger(ListeningSockets.class.getName());

    private final List<Channel> channels = new ArrayList<>();
    private boolean blackholed;
    private volatile boolean haveBeenBlackholed;

    synchronized void add(Channel channel) {
        channels.add(channel);
        if (blackholed) {
            set(channel, true);
        }
    }

    /**
     * Blackholes or heals all. A client whose SYN was discarded retransmits it, and connects after healing.
     *
     * @param wantedNow asked under the lock, so that of two threads the last one decides
     */
    synchronized void setBlackholed(BooleanSupplier wantedNow) {
        boolean wanted = wantedNow.getAsBoolean();
        if (wanted != blackholed) {
            blackholed = wanted;
            haveBeenBlackholed |= wanted;
            channels.forEach(channel -> set(channel, wanted));
        }
    }

    /** Heals a channel that inherited the blackhole: accepted from a socket blackholed between the SYN and the ACK. */
    void unmute(Channel accepted) {
        if (haveBeenBlackholed) {
            set(accepted, false);
        }
    }

    /** Returns whether a connection to this address would come to one of the sockets. */
    synchronized boolean isOneOf(InetSocketAddress destination) {
        return channels.stream()
                .map(channel -> (InetSocketAddress) channel.localAddress())
                .anyMatch(own -> own.getPort() == destination.getPort()
                        && (own.getAddress().equals(destination.getAddress())
                                || (own.getAddress().isAnyLocalAddress()
                                        && isOfThisMachine(destination.getAddress()))));
    }

    private static boolean isOfThisMachine(InetAddress address) {
        try {
            return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            LOG.log(Level.DEBUG, "can't list this machine's addresses", e);
            return true;
        }
    }

    private static void set(Channel channel, boolean blackholed) {
        TcpSocket.of(channel).ifPresent(socket -> {
            try {
                if (blackholed) {
                    socket.blackhole();
                } else {
                    socket.heal();
                }
            } catch (IOException e) {
                LOG.log(Level.ERROR, "failed to " + (blackholed ? "blackhole" : "heal") + " a listening socket", e);
            }
        });
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
