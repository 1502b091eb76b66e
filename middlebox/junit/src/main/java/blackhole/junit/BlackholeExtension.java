package blackhole.junit;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.Profiles;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.FlowHealed;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.middlebox.flow.FlowEvent.ResetSent;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A middlebox between a test's client and its server.
 *
 * <pre>{@code
 * @RegisterExtension
 * final BlackholeExtension nat = BlackholeExtension.builder()
 *         .upstream(kafka::getHost, () -> kafka.getMappedPort(9092))
 *         .idleTimeout(Duration.ofSeconds(3))
 *         .build();
 * }</pre>
 *
 * <p>In an instance field each test has a proxy of its own. In a static field one proxy serves all tests of the class
 * and of its nested classes; before each of them it is as new, but for its flows: light, with the settings that it was
 * built with, and with no events. The upstream is asked for when the proxy starts, so it may be a container's that was
 * started by an extension registered before this one.
 *
 * <p>A test may have a {@link Middlebox} and a {@code List<FlowEvent>} as parameters, if its class registers one
 * such extension only. When a test fails, {@link #report()} is printed to standard error. At the end flows that are left
 * are reset, so that no client goes on waiting.
 *
 * <p>Thread-safe. Instances share nothing, so tests with proxies of their own may run in parallel; tests that run in
 * parallel with a static one see each other's events.
 */
public final class BlackholeExtension
        implements BeforeAllCallback,
                BeforeEachCallback,
                AfterTestExecutionCallback,
                AfterEachCallback,
                AfterAllCallback,
                ParameterResolver {
    private static final String BEGUN = "begun";

    private final TestMiddlebox proxy;
    private final EventWait wait;

    private BlackholeExtension(TestMiddlebox proxy) {
        this.proxy = proxy;
        wait = new EventWait(proxy);
    }

    /** An extension to be: no upstream, any free port of 127.0.0.1, and {@link MiddleboxConfig#DEFAULT}. */
    public static Builder builder() {
        return new Builder();
    }

    // What a test does.

    /** Where the client is to connect to. */
    public InetSocketAddress address() {
        return proxy().address();
    }

    /** {@link #address()} as {@code HOST:PORT}, for configurations. */
    public String hostAndPort() {
        return Endpoint.of(address()).toString();
    }

    /**
     * The proxy itself.
     *
     * @throws IllegalStateException outside of a test
     */
    public Middlebox proxy() {
        return proxy.running();
    }

    /**
     * Expires all known flows now, as if they had been idle for the idle timeout.
     *
     * @return their ids
     */
    public List<Long> expire() {
        return proxy().expire(flow -> true);
    }

    /**
     * Makes all expired flows known again: what their peers retransmit arrives.
     *
     * @return their ids
     */
    public List<Long> heal() {
        return proxy().heal(flow -> true);
    }

    /**
     * Ends all flows with a RST to both sides.
     *
     * @return their ids
     */
    public List<Long> reset() {
        return proxy().reset(flow -> true);
    }

    /** From now on nothing is answered, new connections included; with {@code false} all that is healed. */
    public void outage(boolean on) {
        proxy().outage(on);
    }

    /**
     * Changes the settings until the end of the test: {@code nat.reconfigure(box -> box.with(Setting.IDLE_TIMEOUT, ...))}.
     *
     * @throws blackhole.middlebox.config.UsageException when a value is out of range
     */
    public MiddleboxConfig reconfigure(UnaryOperator<MiddleboxConfig> changes) {
        return proxy().reconfigure(changes);
    }

    /** The flow table now. */
    public List<Flow> flows() {
        return proxy().flows();
    }

    /**
     * What has happened since the test began, the last 10,000 events. Read-only and live: what happens later appears in
     * it; its iterators see it as it was when they were made.
     */
    public List<FlowEvent> events() {
        return proxy.events().view();
    }

    /** Waits for the test's first flow. As all that wait, it returns at once when that has happened already. */
    public FlowOpened awaitOpened(Duration timeout) {
        return wait.first("a flow opened", FlowOpened.class, event -> true, timeout);
    }

    /** Waits until a flow expired, and returns the first such event of the test. */
    public FlowExpired awaitExpired(Duration timeout) {
        return wait.first("a flow expired", FlowExpired.class, event -> true, timeout);
    }

    /** Waits until {@code number} flows expired, and returns the first so many such events of the test. */
    public List<FlowExpired> awaitExpired(int number, Duration timeout) {
        return wait.first(number, "flows expired", FlowExpired.class, timeout);
    }

    /**
     * Waits until {@code number} segments were discarded on blackholed legs, of whichever flows, and returns the last of
     * those.
     */
    public SegmentDiscarded awaitDiscarded(int number, Duration timeout) {
        return wait.first(number, "segments discarded", SegmentDiscarded.class, timeout)
                .get(number - 1);
    }

    /** Waits until a packet of an expired flow was answered with RST, and returns the first such event of the test. */
    public ResetSent awaitResetSent(Duration timeout) {
        return wait.first("a RST sent", ResetSent.class, event -> true, timeout);
    }

    /** Waits until a flow was healed, and returns the first such event of the test. */
    public FlowHealed awaitHealed(Duration timeout) {
        return wait.first("a flow healed", FlowHealed.class, event -> true, timeout);
    }

    /** Waits until a flow ended, and returns the first such event of the test. */
    public FlowClosed awaitClosed(Duration timeout) {
        return wait.first("a flow closed", FlowClosed.class, event -> true, timeout);
    }

    /**
     * Waits for an event, and returns the first such event of the test.
     *
     * @throws AssertionError at the timeout; its message holds the {@link #report()}
     */
    public <E extends FlowEvent> E await(Class<E> type, Predicate<? super E> wanted, Duration timeout) {
        return wait.first("a " + type.getSimpleName() + " as wanted", type, wanted, timeout);
    }

    /** The settings, a table of the flows now, and the test's events with their times since its beginning. */
    public String report() {
        return proxy.report();
    }

    // What JUnit calls.

    @Override
    public void beforeAll(ExtensionContext context) {
        store(context).put(BEGUN, true);
        proxy.classBegins();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        store(context).put(BEGUN, true);
        proxy.testBegins();
    }

    /** Before the test's own clean-up, which may close what the report would show. */
    @Override
    public void afterTestExecution(ExtensionContext context) {
        printReportOfFailure(context);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        end(context, proxy::testEnds);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        end(context, proxy::classEnds);
    }

    /** JUnit ends what did not begin, too, when an extension that was registered before this one has failed. */
    private void end(ExtensionContext context, Runnable ends) {
        try {
            printReportOfFailure(context);
        } finally {
            if (store(context).remove(BEGUN) != null) {
                ends.run();
            }
        }
    }

    private ExtensionContext.Store store(ExtensionContext context) {
        return context.getStore(ExtensionContext.Namespace.create(this));
    }

    private void printReportOfFailure(ExtensionContext context) {
        ExtensionContext.Store store = store(context);
        if (context.getExecutionException().isPresent() && proxy.isRunning() && store.get("reported") == null) {
            store.put("reported", true);
            System.err.println(context.getDisplayName() + " failed; " + report());
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Type type = parameter.getParameter().getParameterizedType();
        return type == Middlebox.class || isListOfEvents(type);
    }

    private static boolean isListOfEvents(Type type) {
        return type instanceof ParameterizedType list
                && list.getRawType() == List.class
                && list.getActualTypeArguments()[0] == FlowEvent.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Middlebox.class ? proxy() : events();
    }

    /** Collects the settings of an extension. Not thread-safe. */
    public static final class Builder {
        private @Nullable Supplier<String> upstream;
        private String listen = "127.0.0.1:0";
        private MiddleboxConfig middlebox = MiddleboxConfig.DEFAULT;

        private Builder() {}

        /** The server behind the middlebox, as {@code HOST:PORT}; {@code none} for none. */
        public Builder upstream(String hostAndPort) {
            return upstream(() -> hostAndPort);
        }

        /** The same, asked for when the proxy starts. */
        public Builder upstream(Supplier<String> hostAndPort) {
            upstream = hostAndPort;
            return this;
        }

        /** The same in two parts: {@code .upstream(container::getHost, () -> container.getMappedPort(9092))}. */
        public Builder upstream(Supplier<String> host, IntSupplier port) {
            return upstream(() -> new Endpoint(host.get(), port.getAsInt()).toString());
        }

        /** Where the proxy listens, as {@code [HOST:]PORT}; for a server that has to advertise the address. */
        public Builder listen(String hostAndPort) {
            listen = hostAndPort;
            return this;
        }

        /** Replaces all settings of the middlebox. */
        public Builder middlebox(MiddleboxConfig box) {
            middlebox = box;
            return this;
        }

        /** Changes settings of the middlebox: {@code .middlebox(box -> box.with(Setting.MAX_FLOWS, 10))}. */
        public Builder middlebox(UnaryOperator<MiddleboxConfig> changes) {
            middlebox = changes.apply(middlebox);
            return this;
        }

        /**
         * Replaces all settings of the middlebox by those of a built-in profile.
         *
         * @throws blackhole.middlebox.config.UsageException when there is none of this name; the message lists those that there are
         */
        public Builder profile(String name) {
            return middlebox(Profiles.builtIn().get(name).config());
        }

        /** Sets {@link MiddleboxConfig#idleTimeout()}. */
        public Builder idleTimeout(Duration timeout) {
            return middlebox(box -> box.with(Setting.IDLE_TIMEOUT, timeout));
        }

        /** Sets {@link MiddleboxConfig#onExpiry()}. */
        public Builder onExpiry(OnExpiry behaviour) {
            return middlebox(box -> box.with(Setting.ON_EXPIRY, behaviour));
        }

        /** @throws IllegalStateException when there is no upstream */
        public BlackholeExtension build() {
            if (upstream == null) {
                throw new IllegalStateException("upstream is missing: .upstream(\"HOST:PORT\")");
            }
            return new BlackholeExtension(new TestMiddlebox(upstream, listen, middlebox));
        }
    }
}
