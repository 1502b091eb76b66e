package blackhole.proxy.cli;

import blackhole.middlebox.flow.EventText;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowListener;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * Logs each event of a flow as a line, with key–value pairs in the JSON format.
 *
 * <p>Event loops only queue events. A thread of the log writes them every few milliseconds, as waking it for every line
 * would cost more than the line. If standard output is blocked, events are dropped and counted.
 */
final class EventLog implements FlowListener, AutoCloseable {
    private static final String LOGGER = "blackhole.proxy.flow";
    private static final int QUEUE = 65_536;
    private static final int BATCH_MILLIS = 10;
    private static final long CLOSE_MILLIS = TimeUnit.SECONDS.toMillis(1);

    /** {@link Class#getRecordComponents()} creates them on each call. */
    private static final ClassValue<RecordComponent[]> COMPONENTS = new ClassValue<>() {
        @Override
        protected RecordComponent[] computeValue(Class<?> type) {
            return type.getRecordComponents();
        }
    };

    private final BlockingQueue<FlowEvent> queue = new ArrayBlockingQueue<>(QUEUE);
    private final AtomicInteger dropped = new AtomicInteger();
    private final Encoder<ILoggingEvent> encoder;
    private final boolean withFields;
    private final OutputStream out;
    private final Thread writer = new Thread(this::writeUntilClosed, "event-log");

    /**
     * @param encoder not shared with another log
     * @param withFields whether the encoder shows a line's key–value pairs
     */
    EventLog(Encoder<ILoggingEvent> encoder, boolean withFields, OutputStream out) {
        this.encoder = encoder;
        this.withFields = withFields;
        this.out = new BufferedOutputStream(out, 64 * 1024);
        writer.setDaemon(true);
        writer.start();
    }

    @Override
    public void onEvent(FlowEvent event) {
        if (!queue.offer(event)) {
            dropped.incrementAndGet();
        }
    }

    private void writeUntilClosed() {
        List<FlowEvent> batch = new ArrayList<>();
        boolean open = true;
        while (open) {
            try {
                batch.add(queue.take());
                TimeUnit.MILLISECONDS.sleep(BATCH_MILLIS);
            } catch (InterruptedException e) {
                open = false;
            }
            queue.drainTo(batch);
            write(batch);
            batch.clear();
        }
    }

    private void write(List<FlowEvent> batch) {
        try {
            for (FlowEvent event : batch) {
                out.write(encoder.encode(line(event)));
            }
            int missing = dropped.getAndSet(0);
            if (missing > 0) {
                out.write(encoder.encode(
                        line(Level.WARN, Instant.now(), missing + " events dropped: standard output is too slow")));
            }
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private LoggingEvent line(FlowEvent event) {
        LoggingEvent line = line(Level.INFO, event.at(), EventText.of(event));
        if (withFields) {
            line.addKeyValuePair(new KeyValuePair("event", event.getClass().getSimpleName()));
            for (RecordComponent component : COMPONENTS.get(event.getClass())) {
                Object value = value(event, component);
                if (value != null) {
                    line.addKeyValuePair(
                            value instanceof Duration duration
                                    ? new KeyValuePair(component.getName() + "Millis", duration.toMillis())
                                    : new KeyValuePair(component.getName(), value));
                }
            }
        }
        return line;
    }

    private static LoggingEvent line(Level level, Instant at, String message) {
        LoggingEvent line = new LoggingEvent();
        line.setLoggerName(LOGGER);
        line.setLevel(level);
        line.setInstant(at);
        line.setMessage(message);
        return line;
    }

    private static @Nullable Object value(FlowEvent event, RecordComponent component) {
        try {
            Object value = component.getAccessor().invoke(event);
            return value instanceof InetSocketAddress address ? EventText.of(address) : value;
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes the queued events, for at most a second. */
    @Override
    public void close() {
        writer.interrupt();
        try {
            writer.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
