package blackhole.middlebox.relay;

import blackhole.middlebox.config.BindProblem;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Route;
import blackhole.middlebox.config.UsageException;
import blackhole.middlebox.flow.BackgroundFailure;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.FlowEvent.ClosedBy;
import blackhole.middlebox.flow.FlowListener;
import blackhole.middlebox.kernel.Kernel;
import blackhole.middlebox.kernel.TcpSocket;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The event loops with their flow tables, and the listening sockets. Thread-safe. */
public final class ProxyServer {
    /** How long peers get to answer the FIN that a shutdown sends them. */
    private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(2);

    /** So many expire in about a millisecond, and then the event loop relays what has come in meanwhile. */
    private static final int CHANGED_AT_ONCE = 32;

    private static final int LOOKED_AT_AT_ONCE = 512;

    /** The JDK looks a name up once for all that wait for it, so more threads than names would only wait, too. */
    private static final int LOOKUPS_AT_ONCE = 4;

    private final Supplier<MiddleboxConfig> middlebox;
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
    private final ListeningSockets listening = new ListeningSockets();
    private final BackgroundFailures failures = new BackgroundFailures();
    private final DescriptorBudget descriptors = new DescriptorBudget(failures);
    private final TrackedFlows known;
    private final Object outageBegins = new Object();
    private final Object closing = new Object();
    private volatile boolean outage;

    /**
     * @param middlebox what the flows are to meet; asked anew at every tick, from event loops
     * @param listeners told what happens, on the flows' event loops; may grow while the relay runs
     */
    public ProxyServer(Supplier<MiddleboxConfig> middlebox, List<FlowListener> listeners, int eventLoopThreads) {
        this.middlebox = middlebox;
        this.listeners = listeners;
        known = new TrackedFlows(middlebox);
        eventLoops = transport.newEventLoops(eventLoopThreads);
        for (EventExecutor loop : eventLoops) {
            FlowTable table = new FlowTable(this, (EventLoop) loop, eventLoopThreads);
            tables.put(loop, table);
            table.execute("idle clock", table::startClock);
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
        return ofFlows(LOOKED_AT_AT_ONCE, FlowEntry::snapshot);
    }

    /** The longest time that a task now waits for one of the event loops. Waits for the loops, so not to be called on one. */
    public Duration eventLoopLag() {
        long longest = 0;
        for (EventExecutor loop : tables.keySet()) {
            long submitted = System.nanoTime();
            long started = onLoop(loop, System::nanoTime, submitted);
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
        return ofFlows(CHANGED_AT_ONCE, flow -> wanted.test(flow.snapshot()) && action.test(flow) ? flow.id() : null);
    }

    /**
     * Asks every flow on its event loop, some at once, so that the others are relayed meanwhile.
     *
     * @return the answers that are not null; none once closed
     */
    private <T> List<T> ofFlows(int atOnce, Function<FlowEntry, @Nullable T> question) {
        List<T> answers = new ArrayList<>();
        tables.forEach((loop, table) -> {
            List<FlowEntry> flows = onLoop(loop, table::flows, List.of());
            for (int i = 0; i < flows.size(); i += atOnce) {
                List<FlowEntry> some = flows.subList(i, Math.min(flows.size(), i + atOnce));
                Callable<List<T>> task = () -> some.stream()
                        .filter(flow -> !flow.hasEnded())
                        .<T>map(question)
                        .filter(Objects::nonNull)
                        .toList();
                answers.addAll(onLoop(loop, task, List.of()));
            }
        });
        return answers;
    }

    /** Expires known flows now, as if they had been idle. Returns their ids. */
    public List<Long> expire(Predicate<Flow> wanted) {
        return toFlows(wanted, flow -> flow.expireNow(ExpiryCause.COMMAND));
    }

    /** Makes expired flows known again, where both peers are still there. Returns their ids. */
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
    public void setOutage(boolean on) {
        requireOtherThread();
        synchronized (outageBegins) {
            outage = on;
            updateListening();
            ofFlows(CHANGED_AT_ONCE, flow -> {
                if (on) {
                    flow.beginOutage();
                } else {
                    flow.endOutage();
                }
                return null;
            });
        }
    }

    public boolean hasOutage() {
        return outage;
    }

    /** To be called when the middlebox's settings have changed; the clocks take the new ones at their next tick. */
    public void middleboxChanged() {
        updateListening();
        endTombstonesBeyondLimit();
        known.expireBeyondLimit(null);
    }

    boolean ignoresNewFlows() {
        return known.ignoreNewOnes();
    }

    /** With clients that the faults are not for, new connections are looked at once they are accepted. */
    private void updateListening() {
        listening.setSilent(() -> middlebox().onlyClients().isEmpty() && (outage || ignoresNewFlows()));
    }

    /** A channel accepted from a socket that was silent between a client's SYN and its ACK is silent, too. */
    void unmute(SocketChannel accepted) {
        if (listening.haveBeenSilent()) {
            TcpSocket.of(accepted).ifPresent(ListeningSockets::unmute);
        }
    }

    void known(FlowEntry flow) {
        known.add(flow);
        updateListeningIfLimited();
    }

    void unknown(FlowEntry flow) {
        known.remove(flow);
        updateListeningIfLimited();
    }

    private void updateListeningIfLimited() {
        if (middlebox().maxFlows() != null) {
            updateListening();
        }
    }

    /** Ends the tombstones that are too many, those first that expired first. */
    void endTombstonesBeyondLimit() {
        tombstones
                .takeBeyond(middlebox().maxTombstones())
                .forEach(flow -> flow.endTombstoneLater(CloseReason.TOO_MANY_TOMBSTONES));
    }

    /** Closes live flows with a FIN to both sides, waits for their peers for two seconds, and ends. Idempotent. */
    public void close() {
        requireOtherThread();
        synchronized (closing) {
            listening.close();
            onEveryLoop(FlowTable::shutDown);
            long deadline = System.nanoTime() + SHUTDOWN_GRACE.toNanos();
            while (!isEmpty() && System.nanoTime() < deadline && pause()) {}
            onEveryLoop(FlowTable::shutDownNow);
            eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
            lookups.shutdownNow();
        }
    }

    private boolean isEmpty() {
        return tables.entrySet().stream().allMatch(each -> onLoop(each.getKey(), each.getValue()::isEmpty, true));
    }

    /** Returns whether to go on waiting; who is interrupted does not wait for peers. */
    private static boolean pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(10);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void onEveryLoop(Consumer<FlowTable> task) {
        tables.forEach((loop, table) -> onLoop(loop, Executors.callable(() -> task.accept(table), true), true));
    }

    private void requireOtherThread() {
        if (tables.keySet().stream().anyMatch(EventExecutor::inEventLoop)) {
            throw new IllegalStateException("a flow listener can't wait for flows: it would wait for itself");
        }
    }

    /** @param closed what to return when the relay is closed */
    private <T> T onLoop(EventExecutor loop, Callable<T> task, T closed) {
        requireOtherThread();
        Future<T> done;
        try {
            done = loop.submit(task).awaitUninterruptibly();
        } catch (RejectedExecutionException e) {
            return closed;
        }
        if (!done.isSuccess()) {
            throw new IllegalStateException(done.cause());
        }
        return done.getNow();
    }

    MiddleboxConfig middlebox() {
        return middlebox.get();
    }

    boolean canCloseSilently() {
        return canCloseSilently;
    }

    Transport transport() {
        return transport;
    }

    BackgroundFailures failures() {
        return failures;
    }

    /** The first failure of a background task. */
    public Optional<BackgroundFailure> failure() {
        return failures.first();
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
                failures.report("listener of " + event.getClass().getSimpleName(), e);
            }
        }
    }
}
