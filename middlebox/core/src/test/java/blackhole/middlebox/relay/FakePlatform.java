package blackhole.middlebox.relay;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.ResetSent;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import blackhole.middlebox.flow.FlowState;
import blackhole.middlebox.flow.Leg;
import blackhole.middlebox.kernel.LegSocket;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A proxy on the test's thread, without network, kernel or clock. The idle clock and the discard watch never run: tests
 * call what these call.
 */
final class FakePlatform implements Platform, AutoCloseable {
    private static final Endpoint UPSTREAM = new Endpoint("192.0.2.1", 9092);

    final ProxyServer server;
    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final boolean closesSilently;
    private final List<FlowEvent> events = new ArrayList<>();
    private final List<TestFlow> flows = new ArrayList<>();
    private final List<FakeLeg> upstreams = new ArrayList<>();
    private MiddleboxConfig config = MiddleboxConfig.DEFAULT;
    private long now = Duration.ofDays(1).toNanos();

    FakePlatform(boolean closesSilently) {
        this.closesSilently = closesSilently;
        loop.freezeTime();
        server = new ProxyServer(() -> config, List.of(events::add), 1, this);
    }

    <T extends @Nullable Object> void set(Setting<T> setting, T value) {
        config = config.with(setting, value);
    }

    void pass(Duration time) {
        now += time.toNanos();
    }

    /** Runs what flows have left to their event loop. */
    void runTasks() {
        loop.runPendingTasks();
    }

    TestFlow accept() {
        return accept(UPSTREAM);
    }

    TestFlow acceptWithoutUpstream() {
        return accept(null);
    }

    private TestFlow accept(@Nullable Endpoint upstream) {
        TestFlow flow = new TestFlow(upstream);
        flows.add(flow);
        return flow;
    }

    TestFlow acceptAndConnect() {
        TestFlow flow = accept();
        flow.upstream().accept();
        return flow;
    }

    /** Returns the upstream leg that was made last. */
    FakeLeg newestUpstream() {
        return upstreams.get(upstreams.size() - 1);
    }

    int upstreams() {
        return upstreams.size();
    }

    void outage(boolean on) {
        server.outage = on;
        flows.forEach(flow -> {
            if (on) {
                flow.entry.beginOutage();
            } else {
                flow.entry.endOutage();
            }
        });
        runTasks();
    }

    /** Returns the events of all flows, each in a few words. */
    List<String> events() {
        return events.stream().map(FakePlatform::text).toList();
    }

    List<String> eventsOf(TestFlow flow) {
        return events.stream()
                .filter(event -> event.flowId() == flow.entry.id)
                .map(FakePlatform::text)
                .toList();
    }

    private static String text(FlowEvent event) {
        String name = event.getClass().getSimpleName();
        if (event instanceof FlowExpired expired) {
            return name + " " + expired.cause() + " " + expired.onExpiry();
        } else if (event instanceof FlowClosed closed) {
            return name + " " + closed.by() + " " + closed.how();
        } else if (event instanceof ResetSent sent) {
            return name + " " + sent.leg();
        } else if (event instanceof SegmentDiscarded discarded) {
            return name + " " + discarded.leg() + " " + discarded.number();
        }
        return name;
    }

    /** Ends all flows, and checks that no task failed and no buffer leaked. */
    @Override
    public void close() {
        flows.forEach(flow -> flow.entry.shutDownNow());
        runTasks();
        List<FakeLeg> legs = new ArrayList<>(upstreams);
        flows.forEach(flow -> legs.add(flow.client));
        assertThat(legs).allSatisfy(leg -> {
            assertThat(leg.isOpen()).isFalse();
            assertThat(leg.received)
                    .allSatisfy(bytes -> assertThat(bytes.refCnt()).isZero());
        });
        assertThat(server.failure()).isEmpty();
        loop.close();
    }

    @Override
    public long now() {
        return now;
    }

    @Override
    public EventLoopGroup newEventLoops(int threads) {
        return loop.eventLoop();
    }

    @Override
    public SocketChannel newConnecting(InetSocketAddress to) {
        upstreams.add(new FakeLeg(to, false));
        return newestUpstream();
    }

    @Override
    public Optional<LegSocket> socketOf(SocketChannel channel) {
        return Optional.of(((FakeLeg) channel).socket);
    }

    @Override
    public boolean canCloseSilently() {
        return closesSilently;
    }

    /** A flow with its legs. */
    final class TestFlow {
        final FakeLeg client = new FakeLeg(new InetSocketAddress("198.51.100.1", 50_000), true);
        final FlowEntry entry;
        private final int upstream;

        private TestFlow(@Nullable Endpoint endpoint) {
            loop.eventLoop().register(client);
            upstream = upstreams.size();
            entry = server.accept(client, null, endpoint, Duration.ofSeconds(10));
        }

        FakeLeg upstream() {
            return upstreams.get(upstream);
        }

        FakeLeg leg(Leg leg) {
            return leg == Leg.CLIENT ? client : upstream();
        }

        FakeLeg otherLeg(Leg leg) {
            return leg == Leg.CLIENT ? upstream() : client;
        }

        FlowState state() {
            return entry.snapshot().state();
        }

        /** The idle clock finds it idle. */
        void expire() {
            entry.expire(now, ExpiryCause.IDLE);
            runTasks();
        }

        /** The discard watch looks at it. */
        void watch() {
            entry.sampleDiscards(now);
            runTasks();
        }
    }
}
