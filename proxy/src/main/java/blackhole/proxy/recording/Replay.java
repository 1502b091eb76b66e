package blackhole.proxy.recording;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.UsageException;
import blackhole.proxy.api.ConfigView;
import blackhole.proxy.api.FlowView;
import blackhole.proxy.api.Limits;
import blackhole.proxy.api.Resources;
import blackhole.proxy.api.SettingsWatch;
import blackhole.proxy.events.EventStreams;
import blackhole.proxy.http.WebServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Plays a recording in the live page and the API, without proxy and broker. Thread-safe. */
public final class Replay implements Resources {
    private static final Duration STEP = Duration.ofMillis(20);

    private final Recording recording;
    private final double speed;
    private final Runnable restarted;
    private final Map<Long, Known> flows = new LinkedHashMap<>();
    private ConfigView middlebox;
    private boolean outage;
    private long startedAt;
    private int next;
    private boolean ended;

    /** A flow and the position at which it looked like this. */
    private record Known(FlowView flow, Duration at) {}

    /** The last event of the stream. */
    private record ReplayEnded() {}

    /**
     * Starts playing.
     *
     * @param file written by a {@link Recorder}
     * @param listen the address; port 0 means any free one
     * @param token as for {@link blackhole.proxy.http.AdminServer#start}
     * @param speed 2 for twice as fast as recorded
     * @throws UsageException if the file is not a recording, or the address can't be listened on
     */
    public static WebServer start(Path file, Endpoint listen, @Nullable String token, double speed) {
        Recording recording = Recording.read(file);
        WebServer server = new WebServer(Limits.DEFAULT);
        EventStreams streams = server.streams();
        Replay replay = new Replay(recording, speed, streams::restart);
        server.every(STEP, () -> replay.advance(streams::publish));
        server.start(replay, listen, token);
        return server;
    }

    /** @param restarted called after each restart */
    private Replay(Recording recording, double speed, Runnable restarted) {
        this.recording = recording;
        this.speed = speed;
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
        startedAt = System.nanoTime();
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
        Object event = line.event();
        if (event == null) {
            return;
        }
        if (event instanceof SettingsWatch.MiddleboxChanged changed) {
            middlebox = changed.middlebox();
        } else if (event instanceof SettingsWatch.OutageChanged changed) {
            outage = changed.on();
        }
        listener.accept(event);
    }

    private Duration position() {
        Duration position = Duration.ofNanos((long) ((System.nanoTime() - startedAt) * speed));
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
