package blackhole.bench;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What the contenders relay to, and the event loop of their clients. */
final class Servers implements AutoCloseable {
    /** Index of the bulk server's port. */
    static final int BULK = 0;

    /** Index of the echo server's port. */
    static final int ECHO = 1;

    final BulkServer bulk = new BulkServer();
    final EventLoopGroup clientLoop = oneLoop("client");
    private final EventLoopGroup serverLoop = oneLoop("server");

    /** Several, so that no pair of addresses runs out of ports below 84,000 flows. */
    private final List<TcpServer> echo =
            Stream.generate(() -> TcpServer.echo(serverLoop)).limit(3).toList();

    Servers() throws IOException {}

    static EventLoopGroup oneLoop(String name) {
        return new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory(name, true), EpollIoHandler.newFactory());
    }

    List<Integer> ports() {
        return List.of(bulk.port(), echo.get(0).port());
    }

    List<Integer> echoPorts() {
        return echo.stream().map(TcpServer::port).toList();
    }

    @Override
    public void close() throws IOException {
        bulk.close();
        echo.forEach(TcpServer::close);
        clientLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        serverLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
