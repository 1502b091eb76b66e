package blackhole.proxy.recording;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.UsageException;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowListener;
import blackhole.proxy.api.Api;
import blackhole.proxy.api.ConfigView;
import blackhole.proxy.api.FlowLabelled;
import blackhole.proxy.api.FlowView;
import blackhole.proxy.api.Json;
import blackhole.proxy.api.JsonNames;
import blackhole.proxy.api.Labels;
import blackhole.proxy.api.SettingsChange;
import blackhole.proxy.api.SettingsWatch;
import blackhole.proxy.http.AdminServer;
import com.fasterxml.jackson.databind.node.ArrayNode;
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
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what happens to a proxy's flows into a file that {@link ReplayServer} plays. Has a thread of its own; the
 * relay's event loops only put events into a queue, and are asked for the flow table.
 */
public final class Recorder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);

    private static final Duration LOOK = Duration.ofMillis(50);
    /** The flow table is written so often, and with every event. */
    private static final int LOOKS_BETWEEN_TABLES = 5;

    private final Middlebox proxy;
    private final Labels labels;
    private final Path file;
    private final BufferedWriter out;
    private final Instant startedAt = Instant.now();
    private final long started = System.nanoTime();
    private final Queue<Object> happened = new ConcurrentLinkedQueue<>();
    private final FlowListener listener = happened::add;
    private final Consumer<FlowLabelled> labelListener = happened::add;
    private final SettingsWatch settings;
    private final ScheduledExecutorService thread;
    private final Map<Long, Seen> seen = new HashMap<>();
    private int looks;
    private volatile boolean broken;

    /** What a flow's line said; another one is written when this changes. What only grows old is left out. */
    private record Seen(@Nullable String label, List<Object> state) {
        static Seen of(Flow flow, @Nullable String label) {
            return new Seen(
                    label,
                    List.of(
                            flow.state(),
                            flow.toExpiry() == null,
                            flow.client().bytesReceived(),
                            flow.client().segmentsReceived(),
                            flow.client().segmentsDiscarded(),
                            flow.upstream().bytesReceived(),
                            flow.upstream().segmentsReceived(),
                            flow.upstream().segmentsDiscarded()));
        }
    }

    /**
     * Starts recording.
     *
     * @param admin whose flow labels are recorded too; null for none
     * @throws UsageException when the file exists already or can't be written
     */
    public static Recorder start(Middlebox proxy, @Nullable AdminServer admin, Path file) {
        return new Recorder(proxy, admin == null ? new Labels() : admin.labels(), file, open(file));
    }

    /** @param file its name, for messages */
    public Recorder(Middlebox proxy, Labels labels, Path file, BufferedWriter out) {
        this.proxy = proxy;
        this.labels = labels;
        this.file = file;
        this.out = out;
        settings = new SettingsWatch(proxy, happened::add);
        proxy.addListener(listener);
        labels.addListener(labelListener);
        write(header());
        thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread made = new Thread(task, "recorder");
            made.setDaemon(true);
            return made;
        });
        thread.scheduleWithFixedDelay(this::look, 0, LOOK.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static BufferedWriter open(Path file) {
        try {
            return Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException e) {
            throw new UsageException("record", file + ": the file exists already; remove it or choose another");
        } catch (NoSuchFileException e) {
            throw new UsageException("record", file + ": there is no such directory");
        } catch (IOException e) {
            throw new UsageException("record", file + ": can't be written: " + e.getMessage());
        }
    }

    private ObjectNode header() {
        ObjectNode header = Json.object()
                .put("type", RecordingFormat.HEADER)
                .put("version", RecordingFormat.VERSION)
                .put("at", startedAt.toString())
                .put("outage", proxy.hasOutage());
        header.set("middlebox", Json.tree(ConfigView.of(proxy.middlebox())));
        return (ObjectNode) header.set("routes", Json.tree(Api.RouteView.all(proxy)));
    }

    private void look() {
        if (broken) {
            return;
        }
        try {
            settings.look();
            boolean isDue = looks++ % LOOKS_BETWEEN_TABLES == 0;
            List<Object> events = drain();
            if (isDue || !events.isEmpty()) {
                write(events);
                out.flush();
            }
        } catch (IOException e) {
            broken(e);
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("the recording misses something");
        }
    }

    private List<Object> drain() {
        List<Object> events = new ArrayList<>();
        for (Object event = happened.poll(); event != null; event = happened.poll()) {
            events.add(event);
        }
        return events;
    }

    /** The events even if there is no flow table to be had any more, as the proxy is closing. */
    private void write(List<Object> events) {
        try {
            writeTable(proxy.flows(), events);
        } finally {
            events.forEach(this::writeEvent);
        }
    }

    private void writeTable(List<Flow> flows, List<Object> events) {
        ArrayNode changed = Json.object().putArray("flows");
        ArrayNode gone = Json.object().putArray("gone");
        Set<Long> there = new HashSet<>();
        // New settings give all flows new times to expiry.
        boolean all = events.stream().anyMatch(SettingsChange.class::isInstance);
        for (Flow flow : flows) {
            there.add(flow.id());
            String label = labels.of(flow.id());
            Seen now = Seen.of(flow, label);
            Seen before = seen.put(flow.id(), now);
            if (all || !now.equals(before)) {
                changed.add(Json.tree(FlowView.of(flow, label)));
            }
        }
        seen.keySet().removeIf(id -> {
            boolean isGone = !there.contains(id);
            if (isGone) {
                gone.add(id);
            }
            return isGone;
        });
        if (!changed.isEmpty() || !gone.isEmpty()) {
            ObjectNode line = Json.object().put("type", RecordingFormat.FLOWS);
            line.set("flows", changed);
            line.set("gone", gone);
            writeNow(line);
        }
    }

    private void writeEvent(Object event) {
        writeNow(Json.with(Json.object().put("type", JsonNames.ofType(event.getClass())), event));
    }

    private void writeNow(ObjectNode line) {
        write(line.put(RecordingFormat.TIME, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started)));
    }

    private void write(ObjectNode line) {
        if (broken) {
            return;
        }
        try {
            out.write(line.toString());
            out.write('\n');
        } catch (IOException e) {
            broken(e);
        }
    }

    /** How many events are still to be written. */
    public int backlog() {
        return happened.size();
    }

    private void broken(IOException e) {
        if (broken) {
            return;
        }
        broken = true;
        stopListening();
        happened.clear();
        LOG.warn("{}: the recording ends here, as the file can't be written: {}", file, e.getMessage());
    }

    private void stopListening() {
        proxy.removeListener(listener);
        labels.removeListener(labelListener);
    }

    /** Writes what is left and closes the file. Once the proxy is closed, so that its end is recorded, or before. */
    @Override
    public void close() {
        stopListening();
        thread.shutdown();
        try (out) {
            if (thread.awaitTermination(5, TimeUnit.SECONDS)) {
                write(drain());
            } else {
                LOG.warn("{}: the recording's end is missing", file);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            broken(e);
        }
    }
}
