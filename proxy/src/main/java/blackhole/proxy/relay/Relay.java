package blackhole.proxy.relay;

import blackhole.proxy.BindProblem;
import blackhole.proxy.ExpiryCause;
import blackhole.proxy.Flow;
import blackhole.proxy.FlowEvent;
import blackhole.proxy.FlowEvent.CloseReason;
import blackhole.proxy.FlowEvent.ClosedBy;
import blackhole.proxy.FlowListener;
import blackhole.proxy.Middlebox;
import blackhole.proxy.Route;
import blackhole.proxy.UsageException;
import blackhole.proxy.WhenFull;
import blackhole.proxy.kernel.Kernel;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The event loops with their flow tables, and the listening sockets. Thread-safe. */
public final class Relay {
    private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

    /** How long peers get to answer the FIN that a shutdown sends them. */
    private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(2);

    /** So many are forgotten in about a millisecond, and then the event loop relays what has come in meanwhile. */
    private static final int FLOWS_AT_ONCE = 32;

    /** The JDK looks a name up once for all that wait for it, so more threads than names would only wait, too. */
    private static final int LOOKUPS_AT_ONCE = 4;

    private final Supplier<Middlebox> middlebox;
    private final List<FlowListener> listeners;
    private final Transport transport = Transport.available();
    private final boolean canCloseSilently = Kernel.canCloseSilently();
    private final AtomicLong flowIds = new AtomicLong();
    private final Tombstones tombstones = new Tombstones();
    private final ExecutorService lookups =
            Executors.newFixedThreadPool(LOOKUPS_AT_ONCE, new DefaultThreadFactory("name-lookup", true));
    private final NameLookup names = new NameLookup(lookups);
    private final EventLoopGroup eventLoops;
    private final Map<EventExecutor, FlowTable> tables = new LinkedHashMap<>();
    private final Listeners listening = new Listeners();
    private final DescriptorBudget descriptors = new DescriptorBudget();
    private final Set<FlowEntry> known = ConcurrentHashMap.newKeySet();
    private final AtomicInteger knownFlows = new AtomicInteger();
    private volatile boolean dark;

    /**
     * @param middlebox what the flows are to meet; asked anew at every tick, from event loops
     * @param listeners told what happens, on the flows' event loops; may grow while the relay runs
     */
    public Relay(Supplier<Middlebox> middlebox, List<FlowListener> listeners, int eventLoopThreads) {
        this.middlebox = middlebox;
        this.listeners = listeners;
        eventLoops = transport.newEventLoops(eventLoopThreads);
        for (EventExecutor loop : eventLoops) {
            FlowTable table = new FlowTable(this, (EventLoop) loop, eventLoopThreads);
            tables.put(loop, table);
            loop.execute(table::startClock);
        }
    }

    /**
     * Listens for a route's clients.
     *
     * @return the address it listens on
     * @throws UsageException when it can't
     */
    public InetSocketAddress listen(Route route, Duration connectTimeout) {
        InetSocketAddress address =
                new InetSocketAddress(route.listen().host(), route.listen().port());
        if (address.isUnresolved()) {
            throw new UsageException(
                    "route", route + ": the name " + route.listen().host() + " can't be resolved");
        }
        ChannelFuture bound = new ServerBootstrap()
                .group(eventLoops)
                .channelFactory(() -> transport.newListening(address))
                .handler(descriptors)
                .childHandler(new Acceptor(this, new UpstreamConnector(this, route, connectTimeout)))
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new UsageException("route", route + ": " + whyNotBound(route, bound.cause()));
        }
        listening.add(bound.channel());
        descriptors.measure();
        return (InetSocketAddress) bound.channel().localAddress();
    }

    private static String whyNotBound(Route route, Throwable cause) {
        return "can't listen on " + route.listen() + ": " + BindProblem.of(cause);
    }

    /** The flows of all event loops, none once closed. Waits for the loops, so not to be called on one. */
    public List<Flow> flows() {
        if (eventLoops.isShuttingDown()) {
            return List.of();
        }
        List<Flow> flows = new ArrayList<>();
        onEveryLoop(FlowTable::snapshot).forEach(flows::addAll);
        return flows;
    }

    /** The longest time that a task now waits for one of the event loops. Waits for the loops, so not to be called on one. */
    public Duration eventLoopLag() {
        long longest = 0;
        for (EventExecutor loop : tables.keySet()) {
            long submitted = System.nanoTime();
            long started = onLoop(loop, System::nanoTime);
            longest = Math.max(longest, started - submitted);
        }
        return Duration.ofNanos(longest);
    }

    /**
     * Does something to flows that are wanted, each on its event loop. Waits for the loops, so not to be called on one.
     *
     * @return the ids of the flows that it was done to
     */
    private List<Long> toFlows(Predicate<Flow> wanted, Predicate<FlowEntry> action) {
        List<Long> done = new ArrayList<>();
        tables.forEach((loop, table) -> {
            List<FlowEntry> flows = onLoop(loop, () -> table.flows().toList());
            for (int i = 0; i < flows.size(); i += FLOWS_AT_ONCE) {
                List<FlowEntry> some = flows.subList(i, Math.min(flows.size(), i + FLOWS_AT_ONCE));
                done.addAll(onLoop(loop, () -> some.stream()
                        .filter(flow -> !flow.hasEnded() && wanted.test(flow.snapshot()))
                        .filter(action)
                        .map(FlowEntry::id)
                        .toList()));
            }
        });
        return done;
    }

    /** Forgets known flows now, as if they had been idle. Returns their ids. */
    public List<Long> expire(Predicate<Flow> wanted) {
        return toFlows(wanted, flow -> flow.forgetNow(ExpiryCause.COMMAND));
    }

    /** Makes forgotten flows known again, where both peers are still there. Returns their ids. */
    public List<Long> heal(Predicate<Flow> wanted) {
        return toFlows(wanted, FlowEntry::heal);
    }

    /** Ends flows with a RST to both sides. Returns their ids. */
    public List<Long> reset(Predicate<Flow> wanted) {
        return toFlows(wanted, flow -> {
            flow.reset(ClosedBy.MIDDLEBOX, CloseReason.COMMAND);
            return true;
        });
    }

    /** Makes every flow and every new connection meet silence, or heals what that did. */
    public void setDark(boolean on) {
        dark = on;
        updateListening();
        onEveryLoop(table -> {
            if (on) {
                table.goDark();
            } else {
                table.endDark();
            }
            return table;
        });
    }

    public boolean isDark() {
        return dark;
    }

    /** To be called when the middlebox's settings have changed; the clocks take the new ones at their next tick. */
    public void middleboxChanged() {
        updateListening();
        endTombstonesBeyondLimit();
        forgetBeyondLimit(null);
    }

    boolean ignoresNewFlows() {
        Middlebox box = middlebox();
        return box.whenFull() == WhenFull.IGNORE && box.maxFlows() != null && knownFlows.get() >= box.maxFlows();
    }

    /** With clients that the faults are not for, new connections are looked at once they are accepted. */
    private void updateListening() {
        listening.setSilent(
                (dark || ignoresNewFlows()) && middlebox().onlyClients().isEmpty());
    }

    void known(FlowEntry flow) {
        known.add(flow);
        knownFlows.incrementAndGet();
        if (middlebox().maxFlows() != null) {
            updateListening();
            forgetBeyondLimit(flow);
        }
    }

    void unknown(FlowEntry flow) {
        known.remove(flow);
        knownFlows.decrementAndGet();
        if (middlebox().maxFlows() != null) {
            updateListening();
        }
    }

    /** Forgets the least recently active flows, but not the one that the room is for. */
    private void forgetBeyondLimit(@Nullable FlowEntry newest) {
        Middlebox box = middlebox();
        if (box.maxFlows() == null || box.whenFull() != WhenFull.FORGET) {
            return;
        }
        known.stream()
                .filter(flow ->
                        flow != newest && box.appliesTo(flow.clientAddress().getAddress()))
                .sorted(Comparator.comparingLong(FlowEntry::lastActivityAt))
                .limit(Math.max(0, knownFlows.get() - box.maxFlows()))
                .forEach(flow -> flow.onItsLoop(() -> flow.forgetNow(ExpiryCause.TABLE_FULL)));
    }

    /** Ends the tombstones that are too many, those first that were forgotten first. */
    void endTombstonesBeyondLimit() {
        tombstones
                .takeBeyond(middlebox().maxTombstones())
                .forEach(flow -> flow.onItsLoop(() -> flow.endTombstone(CloseReason.TOO_MANY_TOMBSTONES)));
    }

    /** Closes live flows with a FIN to both sides, waits for their peers for two seconds, and ends. Idempotent. */
    public void close() {
        listening.close();
        if (eventLoops.isShuttingDown()) {
            return;
        }
        onEveryLoop(table -> {
            table.shutDown();
            return table;
        });
        long deadline = System.nanoTime() + SHUTDOWN_GRACE.toNanos();
        while (onEveryLoop(FlowTable::isEmpty).contains(false) && System.nanoTime() < deadline) {
            pause();
        }
        onEveryLoop(table -> {
            table.shutDownNow();
            return table;
        });
        eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        lookups.shutdownNow();
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(10);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private <T> Collection<T> onEveryLoop(TableCall<T> call) {
        List<T> results = new ArrayList<>();
        tables.forEach((loop, table) -> results.add(onLoop(loop, () -> call.on(table))));
        return results;
    }

    private static <T> T onLoop(EventExecutor loop, Callable<T> task) {
        if (loop.inEventLoop()) {
            throw new IllegalStateException("a flow listener can't ask for flows: it would wait for itself");
        }
        Future<T> done = loop.submit(task).awaitUninterruptibly();
        if (!done.isSuccess()) {
            throw new IllegalStateException(done.cause());
        }
        return done.getNow();
    }

    @FunctionalInterface
    private interface TableCall<T> {
        T on(FlowTable table);
    }

    Middlebox middlebox() {
        return middlebox.get();
    }

    boolean canCloseSilently() {
        return canCloseSilently;
    }

    Transport transport() {
        return transport;
    }

    DescriptorBudget descriptors() {
        return descriptors;
    }

    NameLookup names() {
        return names;
    }

    Tombstones tombstones() {
        return tombstones;
    }

    long nextFlowId() {
        return flowIds.incrementAndGet();
    }

    FlowTable tableOf(EventLoop loop) {
        FlowTable table = tables.get(loop);
        if (table == null) {
            throw new IllegalArgumentException("no event loop of this relay: " + loop);
        }
        return table;
    }

    void emit(FlowEvent event) {
        for (FlowListener listener : listeners) {
            try {
                listener.onEvent(event);
            } catch (RuntimeException | Error e) {
                // Errors too: an assertion that fails in a test's listener must not stop the idle clock.
                LOG.atError().setCause(e).log("a flow listener failed on {}", event);
            }
        }
    }
}
