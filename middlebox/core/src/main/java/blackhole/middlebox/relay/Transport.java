package blackhole.middlebox.relay;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.util.function.Function;

/**
 * The Netty transport: epoll, whose sockets can be blackholed, or NIO where epoll is missing. A socket has its address's
 * family, as IPv4 costs the kernel more when it is mapped into IPv6.
 */
enum Transport {
    EPOLL(EpollServerSocketChannel::new, EpollSocketChannel::new),
    NIO(
            family -> new NioServerSocketChannel(SelectorProvider.provider(), family),
            family -> new NioSocketChannel(SelectorProvider.provider(), family));

    private final Function<SocketProtocolFamily, ServerChannel> listening;
    private final Function<SocketProtocolFamily, SocketChannel> connecting;

    Transport(
            Function<SocketProtocolFamily, ServerChannel> listening,
            Function<SocketProtocolFamily, SocketChannel> connecting) {
        this.listening = listening;
        this.connecting = connecting;
    }

    static Transport available() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    ServerChannel newListening(InetSocketAddress at) {
        return listening.apply(familyOf(at));
    }

    SocketChannel newConnecting(InetSocketAddress to) {
        return connecting.apply(familyOf(to));
    }

    private static SocketProtocolFamily familyOf(InetSocketAddress address) {
        return address.getAddress() instanceof Inet4Address ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6;
    }

    EventLoopGroup newEventLoops(int threads) {
        IoHandlerFactory ioHandlers =
                switch (this) {
                    case EPOLL -> EpollIoHandler.newFactory();
                    case NIO -> NioIoHandler.newFactory();
                };
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory("blackhole-relay", true), ioHandlers);
    }
}
