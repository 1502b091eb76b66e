package blackhole.client.cli;

import blackhole.client.evidence.SocketTable;
import blackhole.client.evidence.TableText;
import blackhole.client.scenario.Burst;
import blackhole.client.scenario.ConnectionEnd;
import blackhole.client.scenario.Probe;
import blackhole.client.scenario.Round;
import blackhole.client.scenario.ScenarioListener;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import blackhole.keepalive.SocketEnd;
import blackhole.keepalive.Times;
import blackhole.keepalive.TunedSocket;
import java.io.PrintStream;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reports the progress of a run: results as plain lines, everything else as log events. */
final class Story implements ScenarioListener {

    private static final Logger LOG = LoggerFactory.getLogger(Story.class);

    private final PrintStream results;

    Story(PrintStream results) {
        this.results = results;
    }

    @Override
    public void started(ScenarioSettings settings, int partitions) {
        LOG.atInfo()
                .setMessage("scenario")
                .addKeyValue("bootstrap-server", settings.bootstrapServers())
                .addKeyValue("topic", settings.topic())
                .addKeyValue("partitions", partitions)
                .addKeyValue("seed", settings.seed())
                .log();
    }

    @Override
    public void warning(String line) {
        LOG.warn(line);
    }

    @Override
    public void opened(TunedSocket socket) {
        LOG.info("socket {} {}", socket.endpoints(), Objects.requireNonNullElse(socket.inForce(), "options unknown"));
        socket.problems().forEach(problem -> LOG.warn("socket {} {}", socket.endpoints(), problem));
    }

    @Override
    public void closed(TunedSocket socket, SocketEnd end) {
        LOG.info("socket {} closed {}", socket.endpoints(), end.text());
    }

    @Override
    public void sockets(SocketTable table) {
        synchronized (results) {
            TableText.lines(table).forEach(results::println);
        }
    }

    @Override
    public void burstDone(Burst burst) {
        results.printf(
                "burst %d: %d messages to %s %s, slowest %s%n",
                burst.round(),
                burst.messages(),
                burst.partitions().size() == 1 ? "partition" : "partitions",
                burst.partitions().stream().map(String::valueOf).collect(Collectors.joining(" ")),
                Times.text(burst.slowest()));
    }

    @Override
    public void idling(Duration remaining) {
        LOG.atInfo()
                .setMessage("idle")
                .addKeyValue("remaining", Times.text(remaining.plusMillis(500).truncatedTo(ChronoUnit.SECONDS)))
                .log();
    }

    @Override
    public void waiting(int partition, Duration elapsed) {
        LOG.atInfo()
                .setMessage("still waiting for the acknowledgement")
                .addKeyValue("partition", partition)
                .addKeyValue("elapsed", Times.text(elapsed))
                .log();
    }

    @Override
    public void probeDone(Probe probe) {
        StringBuilder line = new StringBuilder();
        line.append("probe ").append(probe.round()).append(": partition ").append(probe.partition());
        line.append("  ").append(text(probe.verdict(), probe.elapsed()));
        for (ConnectionEnd end : probe.ended()) {
            line.append("; ")
                    .append(end.endpoints())
                    .append(" ended ")
                    .append(end.by().text());
            line.append(" after ").append(Times.text(end.after()));
        }
        probe.opened().forEach(endpoints -> line.append("; new ").append(endpoints));
        if (probe.error() != null) {
            line.append("; ").append(probe.error());
        }
        results.println(line);
    }

    @Override
    public void roundDone(Round round) {
        results.printf(
                "round %d: %s (%s)%s%n",
                round.number(),
                text(round.verdict(), round.slowest()),
                round.verdict().meaning(),
                round.metadataRefreshes() == 0
                        ? ""
                        : ", metadata refreshed " + round.metadataRefreshes() + " times while idle");
    }

    private static String text(Verdict verdict, Duration elapsed) {
        return switch (verdict) {
            case IMMEDIATE, DELAYED, STALLED -> verdict + " " + Times.text(elapsed);
            case RECOVERED, LOST -> verdict + " after " + Times.text(elapsed);
        };
    }
}
