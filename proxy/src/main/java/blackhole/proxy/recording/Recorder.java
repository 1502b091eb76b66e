package blackhole.proxy.recording;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.UsageException;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowListener;
import blackhole.proxy.api.ConfigView;
import blackhole.proxy.api.FlowView;
import blackhole.proxy.api.Json;
import blackhole.proxy.api.Labels;
import blackhole.proxy.api.LiveResources;
import blackhole.proxy.api.SettingsWatch;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the events and the flow table of a proxy to a file that {@link Replay} plays. Has a thread of its own; the
 * relay's event loops only queue events and are asked for the flow table.
 */
public final class Recorder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);

    private static final Duration PERIOD = Duration.ofMillis(50);
    /** The flow table is written with every event, and once per this many periods. */
    private static final int PERIODS_BETWEEN_TABLES = 5;

    private final Middlebox proxy;
    private final Labels labels;
    private final Path file;
    private final BufferedWriter out;
    private final long startedAt = System.nanoTime();
    private final BlockingQueue<Object> queue = new LinkedBlockingQueue<>();
    private final FlowListener listener = queue::add;
    private final Consumer<Labels.FlowLabelled> labelListener = queue::add;
    private final SettingsWatch settings;
    private final ScheduledExecutorService thread;
    /** The flows as last written, without their idle time. */
    private final Map<Long, FlowView> written = new HashMap<>();

    private int periods;
    private volatile boolean failed;

    /**
     * Starts recording.
     *
     * @throws UsageException if the file exists or can't be written
     */
    public static Recorder start(Middlebox proxy, Labels labels, Path file) {
        return new Recorder(proxy, labels, file, open(file));
    }

    /** @param file used only in messages */
    Recorder(Middlebox proxy, Labels labels, Path file, BufferedWriter out) {
        this.proxy = proxy;
        this.labels = labels;
        this.file = file;
        this.out = out;
        settings = new SettingsWatch(proxy, queue::add);
        proxy.addListener(listener);
        labels.addListener(labelListener);
        Recording.Header header = new Recording.Header(
                Recording.VERSION,
                Instant.now(),
                proxy.hasOutage(),
                ConfigView.of(proxy.config()),
                LiveResources.RouteView.all(proxy));
        write(Json.typed(header).put("type", Recording.HEADER));
        thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread recorder = new Thread(task, "recorder");
            recorder.setDaemon(true);
            return recorder;
        });
        thread.scheduleWithFixedDelay(this::record, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static BufferedWriter open(Path file) {
        try {
            return Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException e) {
            throw new UsageException("record", file + ": the file already exists; remove it or choose another");
        } catch (NoSuchFileException e) {
            throw new UsageException("record", file + ": no such directory");
        } catch (IOException e) {
            throw new UsageException("record", file + ": can't be written: " + e.getMessage());
        }
    }

    private void record() {
        if (failed) {
            return;
        }
        try {
            settings.check();
            if (periods++ % PERIODS_BETWEEN_TABLES == 0 || !queue.isEmpty()) {
                writeQueued();
                out.flush();
            }
        } catch (IOException e) {
            fail(e);
        } catch (RuntimeException | Error e) {
            LOG.atError().setCause(e).log("{}: the recording is incomplete", file);
        }
    }

    /** Writes the events even if the flow table is no longer available because the proxy is closing. */
    private void writeQueued() {
        List<Object> events = new ArrayList<>();
        queue.drainTo(events);
        try {
            // New settings change every flow's time to expiry.
            writeTable(proxy.flows(), events.stream().anyMatch(SettingsWatch.Change.class::isInstance));
        } finally {
            events.forEach(this::writeTimed);
        }
    }

    private void writeTable(List<Flow> flows, boolean all) {
        List<FlowView> changed = new ArrayList<>();
        Set<Long> gone = new HashSet<>(written.keySet());
        for (FlowView view : labels.views(flows)) {
            gone.remove(view.flow().id());
            FlowView now = view.after(view.flow().idle().negated());
            if (!now.equals(written.put(view.flow().id(), now)) || all) {
                changed.add(view);
            }
        }
        written.keySet().removeAll(gone);
        Recording.Flows table = new Recording.Flows(changed, List.copyOf(gone));
        if (!table.isEmpty()) {
            writeTimed(table);
        }
    }

    private void writeTimed(Object event) {
        write(Json.typed(event).put(Recording.TIME, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedAt)));
    }

    private void write(ObjectNode line) {
        if (failed) {
            return;
        }
        try {
            out.write(line + "\n");
        } catch (IOException e) {
            fail(e);
        }
    }

    /** Returns how many events are still to be written. */
    int backlog() {
        return queue.size();
    }

    private void fail(IOException e) {
        if (!failed) {
            failed = true;
            stopListening();
            queue.clear();
            LOG.warn("{}: recording stopped; the file can't be written: {}", file, e.getMessage());
        }
    }

    private void stopListening() {
        proxy.removeListener(listener);
        labels.removeListener(labelListener);
    }

    /** Writes the queued events and closes the file. To record the proxy's own shutdown, close the proxy first. */
    @Override
    public void close() {
        stopListening();
        thread.shutdown();
        try (out) {
            if (thread.awaitTermination(5, TimeUnit.SECONDS)) {
                writeQueued();
            } else {
                LOG.warn("{}: the end of the recording is missing", file);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            fail(e);
        }
    }
}
