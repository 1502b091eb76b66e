package blackhole.client.scenario;

import blackhole.client.evidence.SocketWatch;
import blackhole.keepalive.SocketEnd;
import blackhole.keepalive.SocketListener;
import blackhole.keepalive.TunedSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The producer's connections with their start and end. Written by the producer's I/O thread, read by the scenario's. */
final class Connections implements SocketListener {

    private record Opened(TunedSocket socket, long at) {}

    private record Closed(TunedSocket socket, SocketEnd end, long at) {}

    private final ScenarioListener listener;
    private final SocketWatch watch;
    private final List<Opened> opened = new ArrayList<>();
    private final List<Closed> closed = new ArrayList<>();

    Connections(ScenarioListener listener, SocketWatch watch) {
        this.listener = listener;
        this.watch = watch;
    }

    @Override
    public void opened(TunedSocket socket) {
        synchronized (this) {
            opened.add(new Opened(socket, System.nanoTime()));
        }
        watch.opened(socket);
        listener.socketOpened(socket);
    }

    @Override
    public void closed(TunedSocket socket, SocketEnd end) {
        synchronized (this) {
            closed.add(new Closed(socket, end, System.nanoTime()));
        }
        watch.closed(socket, end);
        listener.socketClosed(socket, end);
    }

    synchronized List<TunedSocket> all() {
        return opened.stream().map(Opened::socket).toList();
    }

    synchronized List<TunedSocket> openedSince(long nanoTime) {
        return opened.stream()
                .filter(connection -> connection.at - nanoTime >= 0)
                .map(Opened::socket)
                .toList();
    }

    synchronized List<ConnectionEnd> endedSince(long nanoTime) {
        return closed.stream()
                .filter(connection -> connection.at - nanoTime >= 0)
                .map(connection -> new ConnectionEnd(
                        connection.socket.endpoints(), connection.end, Duration.ofNanos(connection.at - nanoTime)))
                .toList();
    }
}
