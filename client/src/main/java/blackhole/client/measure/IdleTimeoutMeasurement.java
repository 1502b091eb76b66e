package blackhole.client.measure;

import blackhole.client.scenario.ScenarioException;
import blackhole.keepalive.Times;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Measures the idle timeout of the middlebox on the path to a server.
 *
 * @param server any TCP server whose kernel acknowledges a byte; its protocol doesn't matter
 * @param shortest the first idle time to try
 * @param longest the last one
 */
public record IdleTimeoutMeasurement(InetSocketAddress server, Duration shortest, Duration longest) {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration PROGRESS_EVERY = Duration.ofSeconds(1);

    /** @throws ScenarioException if the times don't fit together; the message names the command line's option */
    public IdleTimeoutMeasurement {
        if (shortest.toMillis() < 100) {
            throw new ScenarioException("--shortest must be at least 100ms");
        }
        if (longest.compareTo(shortest) <= 0) {
            throw new ScenarioException("--longest (" + Times.text(longest) + ") must be longer than --shortest ("
                    + Times.text(shortest) + ")");
        }
    }

    /** Called on the measuring thread. */
    public interface Listener {

        /** All connections of a round, numbered from 1, have been opened. */
        void roundStarted(int number, int connections);

        /** Called about every second of a round, which takes no longer than {@code atMost}. */
        void idle(Duration elapsed, Duration atMost);

        /** A connection was probed after this idle time. */
        void probed(Duration idle, boolean alive);
    }

    /**
     * Measures; each of two to four rounds takes hardly longer than the idle timeout.
     *
     * @throws ScenarioException if the server can't be reached, it closes idle connections itself, or no connection expired
     */
    public IdleTimeoutRange run(Listener listener) throws InterruptedException {
        try {
            Round first = new Round(IdleTimeoutRange.firstRound(shortest, longest), Duration.ZERO, listener);
            first.run(1);
            IdleTimeoutRange range = new IdleTimeoutRange(
                    first.alive,
                    first.expired.orElseThrow(() -> new ScenarioException("no connection expired within "
                            + Times.text(longest) + "; if there is a middlebox on the path, its idle timeout is longer:"
                            + " raise --longest")));
            for (int number = 2; !range.isPrecise(); number++) {
                Round round = new Round(range.nextRound(), range.alive(), listener);
                round.run(number);
                range = new IdleTimeoutRange(round.alive, round.expired.orElse(range.expired()));
            }
            return range;
        } catch (IOException e) {
            throw new ScenarioException(
                    "--server " + server.getHostString() + ":" + server.getPort() + ": "
                            + Objects.requireNonNullElse(e.getMessage(), e.toString()),
                    e);
        }
    }

    /** Several connections that are idle at the same time. */
    private final class Round {

        private final List<Duration> times;
        private final Listener listener;
        private final List<IdleConnection> connections = new ArrayList<>();
        private Duration alive;
        private Optional<Duration> expired = Optional.empty();

        Round(List<Duration> times, Duration alive, Listener listener) {
            this.times = times;
            this.alive = alive;
            this.listener = listener;
        }

        /** Probes the connections one after the other until one has expired. */
        void run(int number) throws IOException, InterruptedException {
            try {
                for (int i = 0; i < times.size(); i++) {
                    connections.add(IdleConnection.open(server, CONNECT_TIMEOUT));
                }
                listener.roundStarted(number, times.size());
                for (int i = 0; i < times.size() && expired.isEmpty(); i++) {
                    idleFor(times.get(i), connections.get(i));
                    probe(connections.get(i));
                }
            } finally {
                for (IdleConnection connection : connections) {
                    connection.close();
                }
            }
        }

        private void idleFor(Duration time, IdleConnection connection) throws InterruptedException {
            Duration left = time.minus(connection.idle());
            while (!left.isNegative() && !left.isZero()) {
                listener.idle(connection.idle(), times.get(times.size() - 1));
                TimeUnit.NANOSECONDS.sleep(Math.min(left.toNanos(), PROGRESS_EVERY.toNanos()));
                left = time.minus(connection.idle());
            }
        }

        private void probe(IdleConnection connection) throws IOException, InterruptedException {
            Duration idle = connection.idle();
            switch (connection.probe()) {
                case ALIVE -> alive = idle;
                case EXPIRED -> expired = Optional.of(idle);
                case CLOSED ->
                    throw new ScenarioException("the connection was closed within " + Times.text(idle)
                            + " of idleness, by the server or by a middlebox that says so; connections that were idle for "
                            + Times.text(alive) + " were alive");
            }
            listener.probed(idle, expired.isEmpty());
        }
    }
}
