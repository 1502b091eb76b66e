package blackhole.middlebox.relay;

import blackhole.middlebox.kernel.Kernel;
import blackhole.middlebox.kernel.LegSocket;
import blackhole.middlebox.kernel.TcpSocket;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoopGroup;
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
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.util.Optional;

/**
 * The Netty transport: epoll, whose sockets can be blackholed, or NIO where epoll is missing. A socket has its address's
 * family, as IPv4 costs the kernel more when it is mapped into IPv6.
 */
final class Transport implements Platform {
    private static final boolean EPOLL = Epoll.isAvailable();

    @Override
    public long now() {
        return System.nanoTime();
    }

    static ServerChannel newListening(InetSocketAddress at) {
        return keepingUrgentData(
                EPOLL
                        ? new EpollServerSocketChannel(familyOf(at))
                        : new NioServerSocketChannel(SelectorProvider.provider(), familyOf(at)));
    }

    @Override
    public SocketChannel newConnecting(InetSocketAddress to) {
        return keepingUrgentData(
                EPOLL
                        ? new EpollSocketChannel(familyOf(to))
                        : new NioSocketChannel(SelectorProvider.provider(), familyOf(to)));
    }

    private static <C extends Channel> C keepingUrgentData(C channel) {
        try {
            TcpSocket.keepUrgentDataInline(channel);
            return channel;
        } catch (IOException e) {
            throw new ChannelException(e);
        }
    }

    @Override
    public Optional<LegSocket> socketOf(SocketChannel channel) {
        return TcpSocket.of(channel).map(LegSocket.class::cast);
    }

    @Override
    public boolean canCloseSilently() {
        return Kernel.canCloseSilently();
    }

    private static SocketProtocolFamily familyOf(InetSocketAddress address) {
        return address.getAddress() instanceof Inet4Address ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6;
    }

    @Override
    public EventLoopGroup newEventLoops(int threads) {
        return new MultiThreadIoEventLoopGroup(
                threads,
                new DefaultThreadFactory("blackhole-relay", true),
                EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }
}
