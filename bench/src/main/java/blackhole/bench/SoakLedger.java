package blackhole.bench;

import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.FlowHealed;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import blackhole.middlebox.flow.FlowEvent.UpstreamUnreachable;
import blackhole.middlebox.flow.FlowListener;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** Counts the proxy's events and hands each to its flow. Thread-safe. */
final class SoakLedger implements FlowListener {
    private static final int FAULTS_KEPT = 50;

    final LongAdder opened = new LongAdder();
    final LongAdder expired = new LongAdder();
    final LongAdder healed = new LongAdder();
    final LongAdder discarded = new LongAdder();
    final LongAdder bytesSent = new LongAdder();
    final LongAdder bytesEchoed = new LongAdder();
    final LongAdder bytesLost = new LongAdder();
    final AtomicLong latestExpiry = new AtomicLong();
    private final Map<CloseReason, LongAdder> closed = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> acts = new ConcurrentHashMap<>();
    private final Map<Integer, SoakFlow> byClientPort = new ConcurrentHashMap<>();
    private final Map<Long, SoakFlow> byId = new ConcurrentHashMap<>();
    private final Map<Long, Integer> proxyHasPort = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
    private final Duration idleTimeout;

    SoakLedger(Duration idleTimeout) {
        this.idleTimeout = idleTimeout;
    }

    /** Call this before the proxy can have accepted the connection. */
    void connecting(int clientPort, SoakFlow flow) {
        byClientPort.put(clientPort, flow);
    }

    void dropPort(int clientPort, SoakFlow flow) {
        byClientPort.remove(clientPort, flow);
    }

    /** Whether the proxy has a flow from this port, such as an expired one: it would swallow a new client's SYN. */
    boolean isPortTaken(int clientPort) {
        return proxyHasPort.containsValue(clientPort);
    }

    void act(String name) {
        acts.computeIfAbsent(name, n -> new LongAdder()).increment();
    }

    void fault(String what) {
        if (faults.size() < FAULTS_KEPT) {
            faults.add(what);
            System.out.println("FAULT " + what);
        }
    }

    List<String> faults() {
        return List.copyOf(faults);
    }

    long closed() {
        return closed.values().stream().mapToLong(LongAdder::sum).sum();
    }

    String closedByReason() {
        return closed.toString();
    }

    String acts() {
        return acts.toString();
    }

    @Override
    public void onEvent(FlowEvent event) {
        if (event instanceof FlowOpened o) {
            opened.increment();
            proxyHasPort.put(o.flowId(), o.client().getPort());
            SoakFlow flow = byClientPort.get(o.client().getPort());
            if (flow == null) {
                fault("flow " + o.flowId() + " opened from an unknown port, "
                        + o.client().getPort());
            } else {
                byId.put(o.flowId(), flow);
                flow.id = o.flowId();
            }
        } else if (event instanceof FlowExpired e) {
            expired.increment();
            if (e.cause() == ExpiryCause.IDLE) {
                long late = e.idle().minus(idleTimeout).toNanos();
                latestExpiry.accumulateAndGet(late, Math::max);
                if (late < 0) {
                    fault("flow " + e.flowId() + " expired early: " + e.idle());
                }
            }
            handOn(e.flowId(), SoakFlow::expired);
        } else if (event instanceof FlowHealed h) {
            healed.increment();
            handOn(h.flowId(), SoakFlow::healed);
        } else if (event instanceof SegmentDiscarded) {
            discarded.increment();
        } else if (event instanceof FlowClosed c) {
            closed.computeIfAbsent(c.how(), how -> new LongAdder()).increment();
            handOn(c.flowId(), flow -> flow.closed(c));
            byId.remove(c.flowId());
            proxyHasPort.remove(c.flowId());
        } else if (event instanceof UpstreamUnreachable u) {
            fault("flow " + u.flowId() + " found no upstream: " + u.reason());
        }
    }

    private void handOn(long id, Consumer<SoakFlow> what) {
        SoakFlow flow = byId.get(id);
        if (flow == null) {
            fault("an event of flow " + id + ", which is not open");
        } else {
            what.accept(flow);
        }
    }
}
