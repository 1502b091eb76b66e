package blackhole.middlebox.relay;

import blackhole.middlebox.codec.FlowCodec;
import blackhole.middlebox.codec.RouteCodec;
import blackhole.middlebox.config.BindProblem;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Route;
import blackhole.middlebox.config.Upstream;
import blackhole.middlebox.config.UsageException;
import blackhole.middlebox.flow.BackgroundFailure;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.FlowEvent.ClosedBy;
import blackhole.middlebox.flow.FlowListener;
import blackhole.middlebox.flow.Leg;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The listening sockets, the event loops with their flow tables, and what the loops share. Methods that concern all flows
 * wait for the event loops, and throw {@link IllegalStateException} on one of them. Thread-safe.
 */
public final class ProxyServer {
    /** How long peers may take to answer the FIN that a shutdown sends them. */
    private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(2);

    /** This many expire in about a millisecond; then the event loop relays what has arrived in the meantime. */
    private static final int CHANGED_AT_ONCE = 32;

    private static final int LOOKED_AT_AT_ONCE = 512;

    /** The JDK looks a name up once for all that wait for it, so more threads than names would only wait as well. */
    private static final int LOOKUPS_AT_ONCE = 4;

    final Platform platform;
    final boolean canCloseSilently;
    final BackgroundFailures failures = new BackgroundFailures();
    final DescriptorBudget descriptors = new DescriptorBudget(failures);
    final TrackedFlows tracked;
    final Tombstones tombstones;
    final NameLookup names;

    private final Supplier<MiddleboxConfig> config;
    private final List<FlowListener> listeners;
    private final AtomicLong flowIds = new AtomicLong();
    private final ExecutorService lookups =
            Executors.newFixedThreadPool(LOOKUPS_AT_ONCE, new DefaultThreadFactory("name-lookup", true));
    private final ListeningSockets listening = new ListeningSockets();
    final RedirectedConnections redirected = new RedirectedConnections(listening);
    private final EventLoops eventLoops;
    private final Object outageLock = new Object();
    private final Object closeLock = new Object();
    volatile boolean outage;

    /**
     * Starts the event loops.
     *
     * @param config read at every tick, from event loops
     * @param listeners called on the flows' event loops; may grow while the server runs
     */
    public ProxyServer(Supplier<MiddleboxConfig> config, List<FlowListener> listeners, int threads) {
        this(config, listeners, threads, new Transport());
    }

    ProxyServer(Supplier<MiddleboxConfig> config, List<FlowListener> listeners, int threads, Platform platform) {
        this.platform = platform;
        canCloseSilently = platform.canCloseSilently();
        this.config = config;
        this.listeners = listeners;
        names = new NameLookup(lookups);
        tombstones = new Tombstones(config);
        tracked = new TrackedFlows(config, this::updateListening);
        eventLoops = new EventLoops(platform.newEventLoops(threads), loop -> new FlowTable(this, loop, threads));
    }

    /**
     * Listens for a route's clients.
     *
     * @param codec null if bytes are only relayed
     * @return the address it listens on
     * @throws UsageException if it can't
     */
    public InetSocketAddress listen(Route route, @Nullable RouteCodec codec, Duration connectTimeout) {
        try {
            if (route.isTransparent()) {
                redirected.expect();
            }
            return open(route.listen(), codec, route.upstream(), connectTimeout);
        } catch (UsageException e) {
            throw new UsageException(codec == null ? route.option() : codec.option(), route + ": " + e.getMessage());
        } finally {
            descriptors.measure();
        }
    }

    /** Binds on the calling event loop, if it is one, so that it need not wait. */
    private InetSocketAddress open(
            Endpoint listen, @Nullable RouteCodec codec, Upstream upstream, Duration connectTimeout) {
        InetSocketAddress address = new InetSocketAddress(listen.host(), listen.port());
        if (address.isUnresolved()) {
            throw new UsageException("the name " + listen.host() + " can't be resolved");
        }
        return eventLoops.call(loop -> {
            Channel bound = bind(loop, address, client -> {
                if (codec == null) {
                    accept(client, upstream, connectTimeout);
                } else {
                    FlowCodec flow = codec.newFlow();
                    accept(client, flow, flow.upstream(), connectTimeout);
                }
            });
            InetSocketAddress local = (InetSocketAddress) bound.localAddress();
            if (codec != null) {
                codec.opened(local, (more, itsCodec) -> {
                    descriptors.takeOne();
                    return open(more, itsCodec, new Upstream.None(), connectTimeout);
                });
            }
            return local;
        });
    }

    private Channel bind(EventLoop loop, InetSocketAddress address, Consumer<SocketChannel> accepted) {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loop, eventLoops.group())
                .channelFactory(() -> Transport.newListening(address))
                .handler(descriptors)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel client) {
                        accepted.accept(client);
                    }
                });
        // Unlike bind() of the bootstrap, both end before they return on the channel's own event loop.
        Channel channel = bootstrap.register().channel();
        ChannelFuture bound = channel.bind(address);
        if (!bound.isSuccess()) {
            channel.close();
            throw new UsageException("can't listen on " + Endpoint.of(address) + ": " + BindProblem.of(bound.cause()));
        }
        listening.add(channel);
        return channel;
    }

    /** Returns the flows of all event loops, none once closed. */
    public List<Flow> flows() {
        return eventLoops.ofFlows(LOOKED_AT_AT_ONCE, FlowEntry::snapshot);
    }

    /** Returns the longest time that a task now waits for one of the event loops. */
    public Duration eventLoopLag() {
        return eventLoops.lag();
    }

    /** Expires tracked flows now, as if they had been idle. Returns their ids. */
    public List<Long> expire(Predicate<Flow> wanted) {
        return change(wanted, flow -> flow.expireNow(ExpiryCause.COMMAND));
    }

    /** Heals expired flows whose peers are both still connected. Returns their ids. */
    public List<Long> heal(Predicate<Flow> wanted) {
        return change(wanted, FlowEntry::heal);
    }

    /** Ends flows with a RST to both sides. Returns their ids. */
    public List<Long> reset(Predicate<Flow> wanted) {
        return change(wanted, flow -> {
            flow.reset(ClosedBy.MIDDLEBOX, CloseReason.COMMAND);
            return true;
        });
    }

    private List<Long> change(Predicate<Flow> wanted, Predicate<FlowEntry> action) {
        return eventLoops.ofFlows(
                CHANGED_AT_ONCE, flow -> wanted.test(flow.snapshot()) && action.test(flow) ? flow.id : null);
    }

    private void forEachFlow(Consumer<FlowEntry> action) {
        eventLoops.ofFlows(CHANGED_AT_ONCE, flow -> {
            action.accept(flow);
            return null;
        });
    }

    /** Blackholes every flow and every new connection, or heals what that blackholed. */
    public void setOutage(boolean on) {
        eventLoops.requireOtherThread();
        synchronized (outageLock) {
            outage = on;
            updateListening();
            forEachFlow(on ? FlowEntry::beginOutage : FlowEntry::endOutage);
        }
    }

    public boolean hasOutage() {
        return outage;
    }

    /** Applies changed settings to sockets and tables; the idle clocks read them at their next tick. */
    public void configChanged() {
        updateListening();
        tombstones.endBeyondLimit();
        tracked.expireBeyondLimit(null);
    }

    /** Returns the first failure of a background task. */
    public Optional<BackgroundFailure> failure() {
        return failures.first();
    }

    /** Closes live flows with a FIN to both sides, waits for their peers for two seconds, and ends. Idempotent. */
    public void close() {
        eventLoops.requireOtherThread();
        synchronized (closeLock) {
            listening.close();
            forEachFlow(FlowEntry::shutDown);
            long deadline = System.nanoTime() + SHUTDOWN_GRACE.toNanos();
            // An interrupted thread does not wait for peers.
            while (!eventLoops.areEmpty()
                    && System.nanoTime() < deadline
                    && !Thread.currentThread().isInterrupted()) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
            forEachFlow(FlowEntry::shutDownNow);
            eventLoops.shutDown();
            lookups.shutdownNow();
        }
    }

    // What happens on the event loops.

    private void accept(SocketChannel client, Upstream upstream, Duration connectTimeout) {
        Endpoint endpoint = upstream instanceof Upstream.Server server ? server.endpoint() : null;
        if (upstream instanceof Upstream.OriginalDestination) {
            endpoint = redirected.accept(client, platform.socketOf(client));
            if (endpoint == null) {
                LegChannel.reset(client);
                descriptors.giveBack();
                return;
            }
        }
        accept(client, null, endpoint, connectTimeout);
    }

    FlowEntry accept(
            SocketChannel client, @Nullable FlowCodec codec, @Nullable Endpoint upstream, Duration connectTimeout) {
        LegChannel.setOptions(client);
        listening.unmute(client);
        FlowTable table = eventLoops.tableOf(client.eventLoop());
        FlowEntry flow = new FlowEntry(flowIds.incrementAndGet(), table, client, codec, upstream, connectTimeout);
        if (codec != null) {
            codec.addToClient(client);
        }
        client.pipeline().addLast(new LegHandler(flow, Leg.CLIENT));
        flow.accepted();
        return flow;
    }

    /** If faults apply to some clients only, all connections are accepted, and then refused one by one. */
    private void updateListening() {
        listening.setBlackholed(() -> config().onlyClients().isEmpty() && (outage || tracked.ignoreNewOnes()));
    }

    void emit(FlowEvent event) {
        for (FlowListener listener : listeners) {
            try {
                listener.onEvent(event);
            } catch (Throwable e) {
                // Errors as well: an assertion that fails in a test's listener must not stop the idle clock.
                failures.report("listener of " + event.getClass().getSimpleName(), e);
            }
        }
    }

    MiddleboxConfig config() {
        return config.get();
    }
}
