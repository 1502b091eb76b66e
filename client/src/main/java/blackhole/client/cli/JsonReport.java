package blackhole.client.cli;

import blackhole.client.scenario.Burst;
import blackhole.client.scenario.Probe;
import blackhole.client.scenario.Round;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.socket.SocketOptions;
import blackhole.client.socket.TunedSocket;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The report as one JSON document: times are numbers of milliseconds in names that end in {@code Ms}. The producer's
 * properties are left out, because they may hold a password.
 */
final class JsonReport {

    private JsonReport() {}

    static String of(ScenarioReport report) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("verdict", report.verdict());
        document.put("settings", settings(report.settings()));
        document.put("partitions", report.partitions());
        document.put("bypass", report.bypass().orElse(null));
        document.put("warnings", report.warnings());
        document.put("rounds", report.rounds().stream().map(JsonReport::round).toList());
        document.put(
                "sockets", report.sockets().stream().map(JsonReport::socket).toList());
        document.put("messages", report.messages());
        try {
            return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, Object> settings(ScenarioSettings settings) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("bootstrapServers", settings.bootstrapServers());
        map.put("topic", settings.topic());
        map.put("burstSize", settings.burstSize());
        map.put("idleMs", settings.idle().toMillis());
        map.put("repeats", settings.repeats());
        map.put("refresher", settings.refresher());
        map.put("seed", settings.seed());
        map.put("socketOptions", options(settings.socketOptions()));
        return map;
    }

    private static Map<String, Object> round(Round round) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("number", round.number());
        map.put("verdict", round.verdict());
        map.put("slowestMs", millis(round.slowest()));
        map.put("burst", burst(round.burst()));
        map.put("idleMs", round.idle().toMillis());
        map.put("metadataRefreshes", round.metadataRefreshes());
        map.put("probes", round.probes().stream().map(JsonReport::probe).toList());
        return map;
    }

    private static Map<String, Object> burst(Burst burst) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("messages", burst.messages());
        map.put("partitions", burst.partitions());
        map.put("slowestMs", millis(burst.slowest()));
        return map;
    }

    private static Map<String, @Nullable Object> probe(Probe probe) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("partition", probe.partition());
        map.put("id", probe.id());
        map.put("verdict", probe.verdict());
        map.put("elapsedMs", millis(probe.elapsed()));
        map.put("openedConnections", probe.opened());
        map.put(
                "endedConnections",
                probe.ended().stream()
                        .map(end ->
                                Map.of("connection", end.endpoints(), "by", end.by(), "afterMs", millis(end.after())))
                        .toList());
        map.put("error", probe.error().orElse(null));
        return map;
    }

    private static Map<String, @Nullable Object> socket(TunedSocket socket) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("connection", socket.endpoints());
        map.put("kernelHolds", socket.inForce().map(JsonReport::options).orElse(null));
        map.put("problems", socket.problems());
        return map;
    }

    private static Map<String, @Nullable Object> options(SocketOptions options) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("keepAlive", options.keepAlive());
        map.put("keepAliveIdleMs", options.keepAliveIdle().toMillis());
        map.put("keepAliveIntervalMs", options.keepAliveInterval().toMillis());
        map.put("keepAliveCount", options.keepAliveCount());
        map.put("userTimeoutMs", options.userTimeout().map(Duration::toMillis).orElse(null));
        return map;
    }

    private static double millis(Duration duration) {
        return Math.round(duration.toNanos() / 10_000.0) / 100.0;
    }
}
