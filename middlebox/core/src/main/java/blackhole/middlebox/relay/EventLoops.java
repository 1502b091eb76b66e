package blackhole.middlebox.relay;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The event loops, each with its flow table. Methods that wait for the loops throw {@link IllegalStateException} on one of
 * them. Thread-safe.
 */
final class EventLoops {
    private final EventLoopGroup group;
    private final Map<EventExecutor, FlowTable> tables = new LinkedHashMap<>();

    EventLoops(EventLoopGroup group, Function<EventLoop, FlowTable> newTable) {
        this.group = group;
        group.forEach(loop -> tables.put(loop, newTable.apply((EventLoop) loop)));
    }

    EventLoopGroup group() {
        return group;
    }

    FlowTable tableOf(EventLoop loop) {
        return Objects.requireNonNull(tables.get(loop), "not an event loop of this middlebox");
    }

    /**
     * Asks every flow on its event loop and waits. Pauses after every {@code atOnce} flows so that others are relayed.
     *
     * @return the answers that are not null; none once closed
     */
    <T> List<T> ofFlows(int atOnce, Function<FlowEntry, @Nullable T> question) {
        List<T> answers = new ArrayList<>();
        tables.forEach((loop, table) -> {
            List<FlowEntry> flows = call(loop, table::flows, List.of());
            for (int i = 0; i < flows.size(); i += atOnce) {
                List<FlowEntry> some = flows.subList(i, Math.min(flows.size(), i + atOnce));
                Callable<List<T>> task = () -> some.stream()
                        .filter(flow -> !flow.hasEnded())
                        .<T>map(question)
                        .filter(Objects::nonNull)
                        .toList();
                answers.addAll(call(loop, task, List.of()));
            }
        });
        return answers;
    }

    /** Runs a task on an event loop: on the calling one at once, or on another one, and waits for it. */
    <T> T call(Function<EventLoop, T> task) {
        for (EventExecutor loop : tables.keySet()) {
            if (loop.inEventLoop()) {
                return task.apply((EventLoop) loop);
            }
        }
        EventLoop loop = group.next();
        Future<T> done = loop.submit(() -> task.apply(loop)).awaitUninterruptibly();
        if (done.cause() instanceof RuntimeException e) {
            throw e;
        }
        return done.getNow();
    }

    boolean areEmpty() {
        return tables.entrySet().stream().allMatch(each -> call(each.getKey(), each.getValue()::isEmpty, true));
    }

    /** Returns the longest time that a task now waits for one of the loops. */
    Duration lag() {
        long longest = 0;
        for (EventExecutor loop : tables.keySet()) {
            long submitted = System.nanoTime();
            longest = Math.max(longest, call(loop, System::nanoTime, submitted) - submitted);
        }
        return Duration.ofNanos(longest);
    }

    void requireOtherThread() {
        if (tables.keySet().stream().anyMatch(EventExecutor::inEventLoop)) {
            throw new IllegalStateException("a flow listener can't wait for flows: it would wait for itself");
        }
    }

    void shutDown() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** @param closed what to return once the loop has been shut down */
    private <T> T call(EventExecutor loop, Callable<T> task, T closed) {
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
}
