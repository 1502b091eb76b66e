package blackhole.proxy.relay;

import io.netty.channel.ChannelFactory;
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
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

/** Which of Netty's transports carries the relay: epoll, whose sockets can be blackholed, or NIO where there is none. */
enum Transport {
    EPOLL(EpollServerSocketChannel::new, EpollSocketChannel::new),
    NIO(NioServerSocketChannel::new, NioSocketChannel::new);

    final ChannelFactory<ServerChannel> serverChannels;
    final ChannelFactory<SocketChannel> channels;

    Transport(ChannelFactory<ServerChannel> serverChannels, ChannelFactory<SocketChannel> channels) {
        this.serverChannels = serverChannels;
        this.channels = channels;
    }

    static Transport available() {
        return Epoll.isAvailable() ? EPOLL : NIO;
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
