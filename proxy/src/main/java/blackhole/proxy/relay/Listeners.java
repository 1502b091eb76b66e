package blackhole.proxy.relay;

import blackhole.proxy.kernel.TcpSocket;
import io.netty.channel.Channel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listening sockets: open, or silent so that a SYN gets no answer. Thread-safe. */
final class Listeners {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    private final List<Channel> channels = new ArrayList<>();
    private boolean silent;

    synchronized void add(Channel channel) {
        channels.add(channel);
    }

    /** A SYN that came while silent is retransmitted by its client, and connects after the silence. */
    synchronized void setSilent(boolean wanted) {
        if (wanted != silent) {
            silent = wanted;
            channels.forEach(channel -> TcpSocket.of(channel).ifPresent(socket -> setSilent(socket, wanted)));
        }
    }

    private static void setSilent(TcpSocket socket, boolean silent) {
        try {
            if (silent) {
                socket.blackhole();
            } else {
                socket.heal();
            }
        } catch (IOException e) {
            LOG.atError().setCause(e).log("a listening socket can't be made {}", silent ? "silent" : "answer again");
        }
    }

    synchronized void close() {
        channels.forEach(channel -> channel.close().awaitUninterruptibly());
        channels.clear();
    }
}
