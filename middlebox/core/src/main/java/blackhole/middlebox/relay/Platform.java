package blackhole.middlebox.relay;

import blackhole.middlebox.kernel.LegSocket;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.Optional;

/** What flows take from the machine: time, event loops, sockets, and the kernel under them. Thread-safe. */
interface Platform {
    /** Returns nanoseconds, as {@link System#nanoTime()}. */
    long now();

    EventLoopGroup newEventLoops(int threads);

    SocketChannel newConnecting(InetSocketAddress to);

    /** Returns the socket of a channel; empty if the kernel can't be asked about it. */
    Optional<LegSocket> socketOf(SocketChannel channel);

    /** Returns whether a socket can be closed without a FIN. */
    boolean canCloseSilently();
}
