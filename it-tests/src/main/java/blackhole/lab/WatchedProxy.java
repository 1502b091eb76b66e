package blackhole.lab;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Route;
import blackhole.middlebox.flow.FlowEvent;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * A proxy in front of one upstream, on a free port of 127.0.0.1, that records its events.
 * Thread-safe.
 */
public final class WatchedProxy implements AutoCloseable {

    private final List<FlowEvent> events = new CopyOnWriteArrayList<>();
    private final Middlebox proxy;

    private WatchedProxy(InetSocketAddress upstream, Consumer<Middlebox.Builder> settings) {
        Middlebox.Builder builder = Middlebox.builder();
        settings.accept(builder);
        proxy = builder.route(Route.parse("127.0.0.1:0=" + HostPort.of(upstream)))
                .listener(events::add)
                .start();
    }

    /**
     * Starts a proxy.
     *
     * @param upstream where its one route leads
     * @param settings everything else about it, such as its idle timeout; called once
     * @throws blackhole.middlebox.config.UsageException when this machine can't do what the settings ask
     */
    public static WatchedProxy start(InetSocketAddress upstream, Consumer<Middlebox.Builder> settings) {
        return new WatchedProxy(upstream, settings);
    }

    /** What clients connect to, and what the broker must advertise. */
    public InetSocketAddress address() {
        return proxy.address();
    }

    /** {@link #address()} as {@code HOST:PORT}. */
    public String bootstrap() {
        return HostPort.of(address());
    }

    /** The proxy itself. */
    public Middlebox proxy() {
        return proxy;
    }

    /** All events so far, in order. A copy. */
    public List<FlowEvent> events() {
        return List.copyOf(events);
    }

    /** The events of one kind so far, in order. */
    public <E extends FlowEvent> List<E> events(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** Ends the proxy and its flows. */
    @Override
    public void close() {
        proxy.close();
    }
}
