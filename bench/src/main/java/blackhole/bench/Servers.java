package blackhole.bench;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Echo servers, for the flows that are held. */
final class Servers implements AutoCloseable {
    private final EventLoopGroup serverLoop = oneLoop("server");

    /** Several, so that no pair of addresses runs out of ports below 84,000 flows. */
    private final List<TcpServer> echo =
            Stream.generate(() -> TcpServer.echo(serverLoop)).limit(3).toList();

    static EventLoopGroup oneLoop(String name) {
        return new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory(name, true), EpollIoHandler.newFactory());
    }

    List<Integer> echoPorts() {
        return echo.stream().map(TcpServer::port).toList();
    }

    @Override
    public void close() {
        echo.forEach(TcpServer::close);
        serverLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
