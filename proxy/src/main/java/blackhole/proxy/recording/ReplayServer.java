package blackhole.proxy.recording;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.UsageException;
import blackhole.proxy.api.Limits;
import blackhole.proxy.events.EventStreams;
import blackhole.proxy.http.WebServer;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Plays a recording in the live page and the API, without proxy and broker. */
public final class ReplayServer implements AutoCloseable {
    private static final Duration STEP = Duration.ofMillis(20);

    private final WebServer server = new WebServer(Limits.DEFAULT);

    /**
     * Starts playing.
     *
     * @param file written by a {@link Recorder}
     * @param listen the address; port 0 means any free one
     * @param token as for {@link blackhole.proxy.http.AdminServer#start}
     * @param speed 2 for twice as fast as recorded
     * @throws UsageException if the file is not a recording, or the address can't be listened on
     */
    public static ReplayServer start(Path file, Endpoint listen, @Nullable String token, double speed) {
        return new ReplayServer(Recording.read(file), listen, token, speed);
    }

    private ReplayServer(Recording recording, Endpoint listen, @Nullable String token, double speed) {
        EventStreams streams = server.streams();
        Replay replay = new Replay(recording, speed, System::nanoTime, streams::restart);
        server.every(STEP, () -> replay.advance(streams::publish));
        server.start(replay, listen, token);
    }

    /** Returns the address as it is written in a URL. */
    public Endpoint endpoint() {
        return Endpoint.of(server.address());
    }

    /** Closes all connections and ends the threads. Idempotent. */
    @Override
    public void close() {
        server.close();
    }
}
