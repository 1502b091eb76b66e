package blackhole.junit;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.UsageException;
import blackhole.middlebox.flow.BackgroundFailure;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.FlowHealed;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.middlebox.flow.FlowEvent.ResetSent;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Puts a middlebox between a test's client and its server.
 *
 * <pre>{@code
 * @RegisterExtension
 * final BlackholeExtension nat = BlackholeExtension.builder()
 *         .upstream(kafka::getHost, () -> kafka.getMappedPort(9092))
 *         .idleTimeout(Duration.ofSeconds(3))
 *         .build();
 * }</pre>
 *
 * <p>In an instance field, each test gets its own middlebox. In a static field, one middlebox serves all tests of the
 * class and of its nested classes; before each test any outage ends, the settings are restored and the events are
 * cleared, but flows stay. The upstream is resolved when the middlebox starts, so it may be a container started by an
 * extension registered earlier. When the middlebox stops, it resets the remaining flows so that no client keeps waiting.
 *
 * <p>A test may take a {@link Middlebox} and a {@code List<FlowEvent>} as parameters, if its class registers only one
 * such extension. When a test fails, {@link #report()} is printed to standard error. If the middlebox itself fails in
 * the background (see {@link BackgroundFailure}), the running test fails, and so do all later tests of the class.
 *
 * <p>Thread-safe. Instances share nothing, so tests with their own middlebox may run in parallel; parallel tests that
 * share a static one see each other's events.
 */
public final class BlackholeExtension extends JUnitLifecycle {
    private final TestMiddlebox box;

    BlackholeExtension(TestMiddlebox box) {
        super(box);
        this.box = box;
    }

    /** Returns a builder with no upstream, any free port of 127.0.0.1, and {@link MiddleboxConfig#DEFAULT}. */
    public static BlackholeExtensionBuilder builder() {
        return new BlackholeExtensionBuilder();
    }

    /** Returns the address that the client should connect to. */
    public InetSocketAddress address() {
        return middlebox().address();
    }

    /** Returns {@link #address()} as {@code HOST:PORT}, for configurations. */
    public String hostAndPort() {
        return Endpoint.of(address()).toString();
    }

    /**
     * Returns the running middlebox.
     *
     * @throws IllegalStateException outside a test
     */
    public Middlebox middlebox() {
        return box.running();
    }

    /**
     * Expires all tracked flows now, as if they had been idle for the idle timeout.
     *
     * @return their ids
     */
    public List<Long> expire() {
        return middlebox().expire(flow -> true);
    }

    /**
     * Restores all expired flows: what their peers retransmit gets through again.
     *
     * @return their ids
     */
    public List<Long> heal() {
        return middlebox().heal(flow -> true);
    }

    /**
     * Ends all flows by sending RST to both sides.
     *
     * @return their ids
     */
    public List<Long> reset() {
        return middlebox().reset(flow -> true);
    }

    /** Starts an outage, which drops everything including new connections; {@code false} ends it and heals its flows. */
    public void outage(boolean on) {
        middlebox().outage(on);
    }

    /**
     * Changes the settings until the end of the test: {@code nat.reconfigure(config -> config.with(Setting.IDLE_TIMEOUT, ...))}.
     *
     * @throws UsageException if a value is out of range
     */
    public MiddleboxConfig reconfigure(UnaryOperator<MiddleboxConfig> changes) {
        return middlebox().reconfigure(changes);
    }

    /** Returns the current flow table. */
    public List<Flow> flows() {
        return middlebox().flows();
    }

    /**
     * Returns the last 10,000 events since the test began, as a read-only live view: later events appear in it. Its
     * iterators are snapshots.
     */
    public List<FlowEvent> events() {
        return box.events().view();
    }

    /** Waits for the test's first flow. Like all waits, it returns at once if that has already happened. */
    public FlowOpened awaitOpened(Duration timeout) {
        return box.awaitFirst("flow opened", FlowOpened.class, event -> true, timeout);
    }

    /** Waits until a flow expires, and returns the first such event of the test. */
    public FlowExpired awaitExpired(Duration timeout) {
        return box.awaitFirst("flow expired", FlowExpired.class, event -> true, timeout);
    }

    /** Waits until {@code number} flows have expired, and returns the first {@code number} such events of the test. */
    public List<FlowExpired> awaitExpired(int number, Duration timeout) {
        return box.awaitFirst(number, "flows expired", FlowExpired.class, timeout);
    }

    /** Waits until blackholed legs have discarded {@code number} segments, of any flows, and returns the last of those events. */
    public SegmentDiscarded awaitDiscarded(int number, Duration timeout) {
        return box.awaitFirst(number, "segments discarded", SegmentDiscarded.class, timeout)
                .get(number - 1);
    }

    /** Waits until an expired flow's packet is answered with RST, and returns the first such event of the test. */
    public ResetSent awaitResetSent(Duration timeout) {
        return box.awaitFirst("RST sent", ResetSent.class, event -> true, timeout);
    }

    /** Waits until a flow is healed, and returns the first such event of the test. */
    public FlowHealed awaitHealed(Duration timeout) {
        return box.awaitFirst("flow healed", FlowHealed.class, event -> true, timeout);
    }

    /** Waits until a flow ends, and returns the first such event of the test. */
    public FlowClosed awaitClosed(Duration timeout) {
        return box.awaitFirst("flow closed", FlowClosed.class, event -> true, timeout);
    }

    /**
     * Waits for an event, and returns the first such event of the test.
     *
     * @throws AssertionError at the timeout; its message contains the {@link #report()}
     */
    public <E extends FlowEvent> E await(Class<E> type, Predicate<? super E> wanted, Duration timeout) {
        return box.awaitFirst("matching " + type.getSimpleName(), type, wanted, timeout);
    }

    /** Returns the settings, a table of the current flows, and the test's events with their times since it began. */
    public String report() {
        return box.report();
    }
}
