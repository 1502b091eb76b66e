package blackhole.proxy.recording;

import blackhole.proxy.api.FlowView;
import blackhole.proxy.api.Resources;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** The resources as they were at the current position of a recording. Thread-safe. */
final class Replay implements Resources {
    private final Recording recording;
    private final double speed;
    private final LongSupplier ticker;
    private final Runnable restarted;
    private final Map<Long, Known> flows = new LinkedHashMap<>();
    private Object middlebox;
    private boolean outage;
    private long startedAt;
    private int next;
    private boolean ended;

    /** A flow and the position at which it looked like this. */
    private record Known(FlowView flow, Duration at) {}

    /** The last event of the stream. */
    private record ReplayEnded() {}

    /**
     * @param speed 2 for twice as fast as recorded
     * @param ticker nanoseconds
     * @param restarted called after each restart
     */
    Replay(Recording recording, double speed, LongSupplier ticker, Runnable restarted) {
        this.recording = recording;
        this.speed = speed;
        this.ticker = ticker;
        this.restarted = restarted;
        middlebox = recording.header().middlebox();
        rewind();
    }

    @Override
    public void restart() {
        rewind();
        restarted.run();
    }

    private synchronized void rewind() {
        flows.clear();
        middlebox = recording.header().middlebox();
        outage = recording.header().outage();
        startedAt = ticker.getAsLong();
        next = 0;
        ended = false;
    }

    /** Publishes the events that are due. */
    synchronized void advance(Consumer<Object> listener) {
        Duration now = position();
        List<Recording.Line> lines = recording.lines();
        for (; next < lines.size(); next++) {
            if (lines.get(next).at().compareTo(now) > 0) {
                return;
            }
            play(lines.get(next), listener);
        }
        if (!ended) {
            ended = true;
            listener.accept(new ReplayEnded());
        }
    }

    private void play(Recording.Line line, Consumer<Object> listener) {
        line.table().flows().forEach(view -> flows.put(view.flow().id(), new Known(view, line.at())));
        line.table().gone().forEach(flows::remove);
        ObjectNode event = line.event();
        if (event == null) {
            return;
        }
        switch (event.path("type").asText()) {
            case "middlebox-changed" -> middlebox = event.path("middlebox");
            case "outage-changed" -> outage = event.path("on").booleanValue();
            default -> {
                // About a flow, whose change of the table came on a line before.
            }
        }
        listener.accept(event);
    }

    private Duration position() {
        Duration position = Duration.ofNanos((long) ((ticker.getAsLong() - startedAt) * speed));
        return position.compareTo(recording.length()) < 0 ? position : recording.length();
    }

    @Override
    public synchronized Snapshot snapshot() {
        return new Snapshot(
                recording.header().at().plus(position()), outage, middlebox, new Playback(ended ? 0 : speed));
    }

    @Override
    public synchronized List<FlowView> table() {
        Duration now = position();
        return flows.values().stream()
                .map(known -> known.flow().after(now.minus(known.at())))
                .toList();
    }

    @Override
    public Object routes() {
        return Map.of("routes", recording.header().routes());
    }
}
