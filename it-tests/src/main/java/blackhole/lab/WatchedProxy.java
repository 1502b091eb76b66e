package blackhole.lab;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Route;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import blackhole.middlebox.flow.Leg;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A proxy in front of one upstream, on a free port of 127.0.0.1, that records its events.
 * Thread-safe.
 */
public final class WatchedProxy implements AutoCloseable {

    private final List<FlowEvent> events = new CopyOnWriteArrayList<>();
    private final Middlebox proxy;

    /**
     * Starts a proxy.
     *
     * @param upstream where its one route leads
     * @param settings everything else about it, such as its idle timeout; called once
     * @throws blackhole.middlebox.config.UsageException when this machine can't do what the settings ask
     */
    public WatchedProxy(InetSocketAddress upstream, Consumer<Middlebox.Builder> settings) {
        Middlebox.Builder builder = Middlebox.builder();
        settings.accept(builder);
        proxy = builder.route(Route.parse("127.0.0.1:0=" + HostPort.of(upstream)))
                .listener(events::add)
                .start();
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

    /** The ids of the flows that came from these client ports. */
    public Set<Long> flowsFrom(Collection<Integer> clientPorts) {
        return events(FlowOpened.class).stream()
                .filter(opened -> clientPorts.contains(opened.client().getPort()))
                .map(FlowOpened::flowId)
                .collect(Collectors.toSet());
    }

    /** The client's discarded segments of the flow that has most of them, in order. */
    List<SegmentDiscarded> mostDiscarded(Predicate<SegmentDiscarded> wanted) {
        return events(SegmentDiscarded.class).stream()
                .filter(event -> event.leg() == Leg.CLIENT)
                .filter(wanted)
                .collect(Collectors.groupingBy(SegmentDiscarded::flowId))
                .values()
                .stream()
                .max(Comparator.comparingInt(List::size))
                .orElse(List.of());
    }

    /** Ends the proxy and its flows. */
    @Override
    public void close() {
        proxy.close();
    }
}
