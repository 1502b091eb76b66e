package blackhole.lab;

import blackhole.kafka.KafkaRoute;
import blackhole.kafka.PortRange;
import blackhole.middlebox.Middlebox;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** A proxy with a Kafka route, and its events. */
final class RoutedProxy implements AutoCloseable {
    final Middlebox middlebox;
    private final List<FlowEvent> events = new CopyOnWriteArrayList<>();

    RoutedProxy(InetSocketAddress bootstrap, Duration idleTimeout) {
        this(HostPort.of(bootstrap), idleTimeout, route -> route);
    }

    RoutedProxy(String bootstrap, Duration idleTimeout, UnaryOperator<KafkaRoute> settings) {
        this(settings.apply(KafkaRoute.parse("0=" + bootstrap)), idleTimeout);
    }

    /** A proxy that never expires a flow, on fixed ports. */
    static RoutedProxy on(String route, PortRange ports) {
        return new RoutedProxy(KafkaRoute.parse(route).withPorts(ports), Duration.ofHours(1));
    }

    private RoutedProxy(KafkaRoute route, Duration idleTimeout) {
        middlebox = route.addTo(Middlebox.builder().idleTimeout(idleTimeout).listener(events::add))
                .start();
    }

    String bootstrap() {
        return HostPort.of(middlebox.address());
    }

    <E extends FlowEvent> List<E> events(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    int opened() {
        return events(FlowOpened.class).size();
    }

    @Override
    public void close() {
        middlebox.close();
    }
}
