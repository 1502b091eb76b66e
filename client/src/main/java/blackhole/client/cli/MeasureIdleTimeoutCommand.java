package blackhole.client.cli;

import blackhole.client.measure.IdleTimeoutMeasurement;
import blackhole.client.measure.IdleTimeoutRange;
import blackhole.client.scenario.ScenarioException;
import blackhole.keepalive.Times;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Finds out how long the box on the path lets a connection be idle. */
@Command(
        name = "measure-idle-timeout",
        mixinStandardHelpOptions = true,
        versionProvider = ClientVersion.class,
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {
            "Find the idle timeout of the middlebox on the path to a server. Connections without keepalive are left idle"
                    + " for different lengths of time; then each sends one byte, and the kernel reports whether it was acknowledged. The"
                    + " search narrows the range to 1%% of the timeout or 100ms, whichever is larger.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the idle timeout was found",
            "1:no connection expired, the server closes idle connections itself, or it can't be reached",
            "2:invalid options"
        },
        footerHeading = "%n",
        footer = {
            ScenarioCommand.DURATIONS,
            "",
            "Any TCP server behind the box will do, whatever its protocol, if it keeps an",
            "idle connection open for longer than the box does: a broker, a database, sshd.",
            "The measurement takes two to four times the idle timeout. Linux only.",
            "",
            "Examples:",
            "  The box between here and a broker:",
            "    java -jar blackhole-client.jar measure-idle-timeout --server b1:9092",
            "  If you know that it is a few minutes:",
            "    java -jar blackhole-client.jar measure-idle-timeout --server b1:9092 \\",
            "      --shortest 2m --longest 10m"
        })
final class MeasureIdleTimeoutCommand implements Callable<Integer> {

    private static final Pattern SERVER = Pattern.compile("\\[?(?<host>[^\\[\\]]+?)]?:(?<port>\\d{1,5})");
    private static final int BAR = 40;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--server",
            paramLabel = "HOST:PORT",
            required = true,
            description = "Connect to this server, through the middlebox.")
    private String server = "";

    @Option(
            names = "--shortest",
            paramLabel = "DURATION",
            defaultValue = "1s",
            description = "Start with this idle time (default: ${DEFAULT-VALUE}).")
    private Duration shortest = Duration.ZERO;

    @Option(
            names = "--longest",
            paramLabel = "DURATION",
            defaultValue = "1h",
            description = "End with this idle time; a longer idle timeout isn't found (default: ${DEFAULT-VALUE}).")
    private Duration longest = Duration.ZERO;

    @Override
    public Integer call() throws InterruptedException {
        IdleTimeoutMeasurement measurement = measurement();
        try {
            IdleTimeoutRange range =
                    measurement.run(new Progress(spec.commandLine().getErr()));
            spec.commandLine()
                    .getOut()
                    .println("idle timeout: between " + text(range.alive()) + " and " + text(range.expired()));
            return CommandLine.ExitCode.OK;
        } catch (ScenarioException e) {
            spec.commandLine().getErr().println("blackhole-client: " + ClientMain.oneLine(e.getMessage()));
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    private IdleTimeoutMeasurement measurement() {
        Matcher parts = SERVER.matcher(server);
        int port = parts.matches() ? Integer.parseInt(parts.group("port")) : 0;
        if (port < 1 || port > 65_535) {
            throw new ParameterException(
                    spec.commandLine(), "--server " + server + ": not HOST:PORT, such as broker.example:9092");
        }
        InetSocketAddress address = new InetSocketAddress(parts.group("host"), port);
        if (address.isUnresolved()) {
            throw new ParameterException(spec.commandLine(), "--server: unknown host " + parts.group("host"));
        }
        try {
            return new IdleTimeoutMeasurement(address, shortest, longest);
        } catch (ScenarioException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private static String text(Duration time) {
        return String.format("%.2fs", time.toMillis() / 1000.0);
    }

    /** A bar on a terminal; elsewhere only a line for each connection. */
    private static final class Progress implements IdleTimeoutMeasurement.Listener {

        private static final String START_OF_LINE = "\r\033[K";

        private final PrintWriter err;
        private final boolean terminal = WatchView.isTerminal(2);
        private String round = "";

        Progress(PrintWriter err) {
            this.err = err;
        }

        @Override
        public void roundStarted(int number, int connections) {
            round = "round " + number;
            line(round + ": " + connections + " connections");
        }

        @Override
        public void idle(Duration elapsed, Duration atMost) {
            if (terminal) {
                int full = (int) Math.min(BAR, BAR * elapsed.toMillis() / atMost.toMillis());
                err.print(START_OF_LINE + round + " [" + "#".repeat(full) + " ".repeat(BAR - full) + "] "
                        + Times.text(elapsed.truncatedTo(ChronoUnit.SECONDS)) + ", at most "
                        + Times.text(atMost));
                err.flush();
            }
        }

        @Override
        public void probed(Duration idle, boolean alive) {
            line("idle for " + text(idle) + ": " + (alive ? "alive" : "expired"));
        }

        private void line(String text) {
            err.println((terminal ? START_OF_LINE : "") + text);
        }
    }
}
