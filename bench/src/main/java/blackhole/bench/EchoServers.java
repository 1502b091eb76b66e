package blackhole.bench;

import java.util.List;
import java.util.stream.Stream;

/** Echo servers on ports of their own, so that no pair of addresses runs out of ports below 84,000 flows. */
final class EchoServers implements AutoCloseable {
    private final List<TcpServer> servers;

    EchoServers(Servers loops) {
        servers = Stream.generate(() -> TcpServer.echo(loops.serverLoop()))
                .limit(3)
                .toList();
    }

    List<Integer> ports() {
        return servers.stream().map(TcpServer::port).toList();
    }

    @Override
    public void close() {
        servers.forEach(TcpServer::close);
    }
}
