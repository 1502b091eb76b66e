package blackhole.bench;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowState;
import com.sun.management.UnixOperatingSystemMXBean;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.internal.PlatformDependent;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Flows that open, send, idle, expire, heal, close and reset at random through one proxy in this process, while every
 * byte is checked at both ends and every event is counted.
 */
final class Soak {
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration TOMBSTONE_TIME = Duration.ofSeconds(10);

    /** A JVM that has just started is too slow for thousands of flows at once. */
    private static final Duration RAMP_UP = Duration.ofSeconds(20);

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int DESCRIPTORS_A_FLOW = 7;
    private static final long MEGA = 1_000_000;

    final SoakLedger ledger = new SoakLedger(IDLE_TIMEOUT);

    /** The flows to command next, collected because each command goes over all flows. */
    final Set<Long> toExpire = ConcurrentHashMap.newKeySet();

    final Set<Long> toHeal = ConcurrentHashMap.newKeySet();
    final Set<Long> toReset = ConcurrentHashMap.newKeySet();

    private final int wanted;
    private final Duration duration;
    private final SplittableRandom random;
    private final EventLoopGroup clients = Servers.oneLoop("soak-clients");
    private final EventLoopGroup servers = Servers.oneLoop("soak-servers");
    private final long descriptorsBefore = descriptors();
    private final SoakServer server = new SoakServer(servers, ledger);
    private final Set<SoakFlow> flows = ConcurrentHashMap.newKeySet();
    private final Middlebox proxy;
    private final Bootstrap bootstrap;
    private long lastNumber;
    private volatile boolean ending;

    Soak(int flows, Duration duration, long seed) {
        wanted = (int) Math.min(flows, (HeldFlows.descriptorLimit() - 500) / DESCRIPTORS_A_FLOW);
        this.duration = duration;
        random = new SplittableRandom(seed);
        proxy = Middlebox.builder()
                .route("0=127.0.0.1:" + server.port())
                .idleTimeout(IDLE_TIMEOUT)
                .with(Setting.TOMBSTONE_TIME, TOMBSTONE_TIME)
                .listener(ledger)
                .start();
        bootstrap = new Bootstrap()
                .group(clients)
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }

    /** Runs it, prints what happens, and returns the faults. */
    List<String> run() throws InterruptedException {
        say("%,d flows for %s", wanted, duration);
        long begin = System.nanoTime();
        long rampUp = Math.min(RAMP_UP.toNanos(), duration.toNanos() / 4);
        for (int i = 0; i < wanted; i++) {
            clientLoop().schedule(this::open, rampUp * i / wanted, TimeUnit.NANOSECONDS);
        }
        long nextReport = begin;
        while (System.nanoTime() - begin < duration.toNanos()) {
            TimeUnit.MILLISECONDS.sleep(200);
            giveCommands();
            if (System.nanoTime() >= nextReport) {
                clientLoop().execute(() -> flows.forEach(flow -> flow.checkProgress(PATIENCE.toNanos())));
                report(begin);
                nextReport += TimeUnit.SECONDS.toNanos(Math.max(5, Math.min(60, duration.toSeconds() / 20)));
            }
        }
        ending = true;
        waitFor("all clients to end", flows::isEmpty);
        clientLoop().execute(() -> flows.forEach(flow -> flow.checkProgress(0)));
        waitFor("opened = closed + expired", this::addsUp);
        say("at the end of the last client: %s", count());
        waitFor("the tombstones to end", () -> proxy.flows().isEmpty());
        if (ledger.opened.sum() != ledger.closed()) {
            ledger.fault("opened " + ledger.opened + " flows, but closed " + ledger.closed());
        }
        report(begin);
        proxy.close();
        say("server connections left open: %d", server.close());
        waitFor("the descriptors to be closed", () -> descriptors() <= descriptorsBefore);
        say("descriptors: %d before, %d after", descriptorsBefore, descriptors());
        clients.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        servers.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        summary();
        return ledger.faults();
    }

    /** Not to be called on the proxy's event loops. */
    private void giveCommands() {
        give(toExpire, proxy::expire);
        give(toHeal, proxy::heal);
        give(toReset, proxy::reset);
    }

    private static void give(Set<Long> ids, Consumer<Predicate<Flow>> command) {
        Set<Long> taken = Set.copyOf(ids);
        if (!taken.isEmpty()) {
            ids.removeAll(taken);
            command.accept(flow -> taken.contains(flow.id()));
        }
    }

    /** On the clients' event loop. */
    private void open() {
        if (ending) {
            return;
        }
        SoakFlow flow = new SoakFlow(++lastNumber, random.split(), this);
        flows.add(flow);
        server.flows.put(flow.number, flow);
        Bootstrap one = bootstrap.clone().handler(new ChannelInitializer<SocketChannel>() {
            @Override
            protected void initChannel(SocketChannel channel) {
                channel.pipeline().addLast(flow);
            }
        });
        Channel channel = one.register().syncUninterruptibly().channel();
        channel.bind(new InetSocketAddress("127.0.0.1", 0)).addListener((ChannelFutureListener) bound -> {
            int port = ((InetSocketAddress) channel.localAddress()).getPort();
            if (ledger.isPortTaken(port)) {
                ledger.act("another port than an expired flow's");
                channel.close();
                ended(flow);
                return;
            }
            ledger.connecting(port, flow);
            channel.connect(proxy.address()).addListener(connected -> {
                if (!connected.isSuccess()) {
                    ledger.fault("can't connect: " + connected.cause());
                    ended(flow);
                }
            });
        });
    }

    /** On the clients' event loop. */
    void ended(SoakFlow flow) {
        flows.remove(flow);
        server.flows.remove(flow.number);
        clientLoop().execute(this::open);
    }

    boolean isEnding() {
        return ending;
    }

    EventLoop clientLoop() {
        return clients.next();
    }

    private void waitFor(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                ledger.fault("timed out waiting for " + what + ": " + count());
                return;
            }
            TimeUnit.MILLISECONDS.sleep(100);
            giveCommands();
        }
    }

    private boolean addsUp() {
        return ledger.opened.sum() == ledger.closed() + proxy.flows().size();
    }

    private String count() {
        List<Flow> now = proxy.flows();
        long expired = now.stream()
                .filter(flow -> flow.state() == FlowState.BLACKHOLED || flow.state() == FlowState.TOMBSTONE)
                .count();
        return String.format(
                Locale.ROOT,
                "opened %,d = closed %,d + expired %,d + live %,d",
                ledger.opened.sum(),
                ledger.closed(),
                expired,
                now.size() - expired);
    }

    private void report(long begin) {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        say(
                "%4d s: %s, expired %,d, healed %,d, discarded %,d segments, %,d MB sent, %,d MB echoed;"
                        + " heap %d MB, direct %d MB, %,d descriptors",
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin),
                count(),
                ledger.expired.sum(),
                ledger.healed.sum(),
                ledger.discarded.sum(),
                ledger.bytesSent.sum() / MEGA,
                ledger.bytesEchoed.sum() / MEGA,
                (runtime.totalMemory() - runtime.freeMemory()) / MEGA,
                PlatformDependent.usedDirectMemory() / MEGA,
                descriptors());
    }

    private void summary() {
        say("acts: %s", ledger.acts());
        say("closed: %s", ledger.closedByReason());
        say("latest expiry: %.1f ms after the idle timeout", ledger.latestExpiry.get() / 1e6);
        say(
                "bytes lost: %,d; faults: %d",
                ledger.bytesLost.sum(), ledger.faults().size());
    }

    private static long descriptors() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getOpenFileDescriptorCount();
    }

    private static void say(String format, Object... arguments) {
        System.out.println(String.format(Locale.ROOT, format, arguments));
    }
}
