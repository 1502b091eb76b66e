package blackhole.client.cli;

import blackhole.client.evidence.SnapshotTime;
import blackhole.client.evidence.SocketTable;
import blackhole.client.evidence.TableText;
import blackhole.client.scenario.Burst;
import blackhole.client.scenario.Probe;
import blackhole.client.scenario.Round;
import blackhole.client.scenario.ScenarioListener;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.keepalive.SocketEnd;
import blackhole.keepalive.Times;
import blackhole.keepalive.TunedSocket;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.LoggerFactory;

/**
 * Shows the sockets in place, like {@code watch ss}, on the terminal's second screen. Logging is off in the meantime. The output
 * of the {@link Story} follows on the first screen when the run is over.
 */
final class WatchView implements ScenarioListener, AutoCloseable {

    private static final String SECOND_SCREEN = "\033[?1049h\033[?25l";
    private static final String FIRST_SCREEN = "\033[?25h\033[?1049l";
    private static final String HOME = "\033[H";
    private static final String END_OF_LINE = "\033[K\n";
    private static final String REST_OF_SCREEN = "\033[J";
    private static final int LAST_LINES = 8;

    private final PrintStream terminal;
    private final Story story;
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Level level = root.getLevel();
    private final Deque<String> last = new ArrayDeque<>();
    private final Deque<Runnable> deferred = new ArrayDeque<>();
    private final Thread restore = new Thread(this::leave);
    private String status = "connecting";
    private boolean left;

    WatchView(PrintStream terminal, Story story) {
        this.terminal = terminal;
        this.story = story;
        root.setLevel(Level.OFF);
        Runtime.getRuntime().addShutdownHook(restore);
        terminal.print(SECOND_SCREEN);
        terminal.flush();
    }

    /** Returns whether standard output is a terminal. */
    static boolean isPossible() {
        return isTerminal(1);
    }

    /** Returns whether the file descriptor is a terminal, which {@code System.console()} does not tell on every JDK. */
    static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    @Override
    public boolean isWatchingSockets() {
        return true;
    }

    @Override
    public synchronized void sockets(SocketTable table) {
        if (left) {
            return;
        }
        if (table.when() == SnapshotTime.STALLED) {
            status = "a probe is waiting for its acknowledgement";
        }
        StringBuilder screen = new StringBuilder(HOME);
        screen.append(status).append(END_OF_LINE).append(END_OF_LINE);
        TableText.lines(table).forEach(line -> screen.append(line).append(END_OF_LINE));
        screen.append(END_OF_LINE);
        last.forEach(line -> screen.append(line).append(END_OF_LINE));
        terminal.print(screen.append(REST_OF_SCREEN));
        terminal.flush();
        if (table.when() != SnapshotTime.WATCHED) {
            deferred.add(() -> story.sockets(table));
        }
    }

    @Override
    public synchronized void started(ScenarioSettings settings, int partitions) {
        report(
                "scenario with " + settings.bootstrapServers() + ", topic " + settings.topic() + ", seed "
                        + settings.seed(),
                () -> story.started(settings, partitions));
    }

    @Override
    public synchronized void warning(String line) {
        report("warning: " + line, () -> story.warning(line));
    }

    @Override
    public synchronized void opened(TunedSocket socket) {
        report("opened " + socket.endpoints(), () -> story.opened(socket));
    }

    @Override
    public synchronized void closed(TunedSocket socket, SocketEnd end) {
        report("closed " + socket.endpoints(), () -> story.closed(socket, end));
    }

    @Override
    public synchronized void burstDone(Burst burst) {
        report(
                "burst of " + burst.messages() + " done, slowest " + Times.text(burst.slowest()),
                () -> story.burstDone(burst));
    }

    @Override
    public synchronized void idling(Duration remaining) {
        status = "idle, " + Times.text(Duration.ofSeconds(remaining.toSeconds())) + " left";
    }

    @Override
    public synchronized void waiting(int partition, Duration elapsed) {
        status = "waiting for partition " + partition + " for " + Times.text(elapsed);
    }

    @Override
    public synchronized void probeDone(Probe probe) {
        status = "probing";
        report(
                "probe of partition " + probe.partition() + ": " + probe.verdict() + " " + Times.text(probe.elapsed()),
                () -> story.probeDone(probe));
    }

    @Override
    public synchronized void roundDone(Round round) {
        report("round " + round.number() + ": " + round.verdict(), () -> story.roundDone(round));
    }

    @Override
    public void close() {
        leave();
        Runtime.getRuntime().removeShutdownHook(restore);
        deferred.forEach(Runnable::run);
    }

    /** Shows a line now and prints the story later. */
    private void report(String line, Runnable later) {
        deferred.add(later);
        last.addLast(line);
        if (last.size() > LAST_LINES) {
            last.removeFirst();
        }
    }

    private synchronized void leave() {
        if (!left) {
            left = true;
            terminal.print(FIRST_SCREEN);
            terminal.flush();
            root.setLevel(level);
        }
    }
}
