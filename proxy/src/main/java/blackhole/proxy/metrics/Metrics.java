package blackhole.proxy.metrics;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Names;
import blackhole.middlebox.flow.BackgroundFailure;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowState;
import blackhole.middlebox.flow.Leg;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The Prometheus metrics, counted from the proxy's events and, at each scrape, from its flow table. Thread-safe. */
public final class Metrics {
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private final Middlebox proxy;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Counter opened = counter("blackhole.flows.opened", "Flows that were connected");
    private final Counter healed = counter("blackhole.flows.healed", "Expired flows that were healed");
    private final Counter unreachable = counter(
            "blackhole.relay.errors", "Flows whose upstream could not be reached", "error", "upstream-unreachable");
    private final Map<ExpiryCause, Counter> expired =
            counters("blackhole.flows.expired", "Flows that expired", "cause", ExpiryCause.class);
    private final Map<FlowEvent.CloseReason, Counter> closed =
            counters("blackhole.flows.closed", "Flows that ended", "how", FlowEvent.CloseReason.class);
    private final Map<Leg, Counter> discarded =
            counters("blackhole.segments.discarded", "Segments discarded on blackholed sockets", "leg", Leg.class);
    private final Map<Leg, Counter> resetsSent =
            counters("blackhole.resets.sent", "Segments of expired flows answered with RST", "leg", Leg.class);
    private final Timer idleAtExpiry = timer(
            "blackhole.idle.at.expiry",
            "How long flows had been idle when they expired",
            Stream.of(1, 3, 10, 30, 60, 120, 240, 300, 360, 600, 900, 3_600, 86_400)
                    .map(Duration::ofSeconds));
    private final Timer eventLoopLag = timer(
            "blackhole.event.loop.lag",
            "How long a task waited at the busiest event loop, probed every second",
            Stream.of(1, 5, 20, 100, 500, 2_000).map(Duration::ofMillis));
    private final Bytes fromClients =
            new Bytes("client-to-upstream", flow -> flow.client().bytesReceived());
    private final Bytes fromUpstreams =
            new Bytes("upstream-to-client", flow -> flow.upstream().bytesReceived());
    /** The number of the last discarded segment of each blackholed leg; under a flood the numbers skip. */
    private final Map<DiscardingLeg, Long> lastDiscards = new ConcurrentHashMap<>();

    private volatile Map<FlowState, Long> states = Map.of();

    private record DiscardingLeg(long flowId, Leg leg) {}

    /** Bytes of closed flows, and of those in the flow table at the last scrape. */
    private final class Bytes {
        private final LongAdder ofClosed = new LongAdder();
        private final AtomicLong total = new AtomicLong();
        private final ToLongFunction<Flow> ofFlow;

        Bytes(String direction, ToLongFunction<Flow> ofFlow) {
            this.ofFlow = ofFlow;
            counter("blackhole.bytes", "Bytes received from the peers", total::get, "direction", direction);
        }

        /** A flow that closes during a scrape is counted by the next one; a counter never falls. */
        void add(long closedBefore, List<Flow> flows) {
            long sum = closedBefore + flows.stream().mapToLong(ofFlow).sum();
            total.accumulateAndGet(sum, Math::max);
        }
    }

    public Metrics(Middlebox proxy, IntSupplier openStreams, LongSupplier missedEvents) {
        this.proxy = proxy;
        for (FlowState state : EnumSet.complementOf(EnumSet.of(FlowState.CLOSED))) {
            gauge("blackhole.flows", "Flows in the flow table", () -> flowsIn(state), "state", Names.of(state));
        }
        gauge(
                "blackhole.tombstones",
                "Expired flows whose sockets are kept open",
                () -> flowsIn(FlowState.BLACKHOLED) + flowsIn(FlowState.TOMBSTONE));
        gauge("blackhole.outage", "1 during an outage", () -> proxy.hasOutage() ? 1 : 0);
        gauge("blackhole.event.streams", "Open event streams", openStreams::getAsInt);
        counter(
                "blackhole.events.missed",
                "Events overwritten before slow readers had taken them",
                missedEvents::getAsLong);
        counter(
                "blackhole.background.failures",
                "Exceptions thrown by background tasks and listeners",
                () -> proxy.failure().map(BackgroundFailure::count).orElse(0L));
    }

    private long flowsIn(FlowState state) {
        return states.getOrDefault(state, 0L);
    }

    private void gauge(String name, String description, Supplier<Number> value, String... tags) {
        Gauge.builder(name, value).description(description).tags(tags).register(registry);
    }

    private void counter(String name, String description, DoubleSupplier value, String... tags) {
        FunctionCounter.builder(name, this, metrics -> value.getAsDouble())
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private Counter counter(String name, String description, String... tags) {
        return Counter.builder(name).description(description).tags(tags).register(registry);
    }

    private Timer timer(String name, String description, Stream<Duration> buckets) {
        return Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(buckets.toArray(Duration[]::new))
                .register(registry);
    }

    private <E extends Enum<E>> Map<E, Counter> counters(String name, String description, String tag, Class<E> values) {
        Map<E, Counter> counters = new EnumMap<>(values);
        for (E value : values.getEnumConstants()) {
            counters.put(value, counter(name, description, tag, Names.of(value)));
        }
        return counters;
    }

    private static <E> Counter counter(Map<E, Counter> counters, E value) {
        return Objects.requireNonNull(counters.get(value), "counters() makes one for each constant");
    }

    /** Counts an event. Called on event loops; never blocks. */
    public void count(FlowEvent event) {
        if (event instanceof FlowEvent.FlowOpened) {
            opened.increment();
        } else if (event instanceof FlowEvent.UpstreamUnreachable) {
            unreachable.increment();
        } else if (event instanceof FlowEvent.FlowExpired expiry) {
            counter(expired, expiry.cause()).increment();
            idleAtExpiry.record(expiry.idle());
        } else if (event instanceof FlowEvent.FlowHealed heal) {
            healed.increment();
            dropDiscards(heal.flowId());
        } else if (event instanceof FlowEvent.SegmentDiscarded segment) {
            Long last = lastDiscards.put(new DiscardingLeg(segment.flowId(), segment.leg()), segment.number());
            counter(discarded, segment.leg()).increment((double) (segment.number() - (last == null ? 0 : last)));
        } else if (event instanceof FlowEvent.ResetSent reset) {
            counter(resetsSent, reset.leg()).increment();
        } else if (event instanceof FlowEvent.FlowClosed close) {
            counter(closed, close.how()).increment();
            fromClients.ofClosed.add(close.bytesFromClient());
            fromUpstreams.ofClosed.add(close.bytesFromUpstream());
            dropDiscards(close.flowId());
        }
    }

    private void dropDiscards(long flowId) {
        for (Leg leg : Leg.values()) {
            lastDiscards.remove(new DiscardingLeg(flowId, leg));
        }
    }

    public void eventLoopLag(Duration lag) {
        eventLoopLag.record(lag);
    }

    /** Returns the text format for a scraper with this {@code Accept} header. */
    public static String mediaType(@Nullable String accept) {
        return accept != null && accept.contains("application/openmetrics-text") ? OPEN_METRICS : TEXT;
    }

    /** Returns the metrics in a format of {@link #mediaType}. Waits for the relay's event loops. */
    public synchronized String scrape(String mediaType) {
        long closedFromClients = fromClients.ofClosed.sum();
        long closedFromUpstreams = fromUpstreams.ofClosed.sum();
        List<Flow> flows = proxy.flows();
        fromClients.add(closedFromClients, flows);
        fromUpstreams.add(closedFromUpstreams, flows);
        Map<FlowState, Long> counts = new EnumMap<>(FlowState.class);
        flows.forEach(flow -> counts.merge(flow.state(), 1L, Long::sum));
        states = counts;
        return registry.scrape(mediaType);
    }

    public void close() {
        registry.close();
    }
}
