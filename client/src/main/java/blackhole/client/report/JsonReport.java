package blackhole.client.report;

import blackhole.client.compare.NamedRun;
import blackhole.client.evidence.CloseText;
import blackhole.client.evidence.Evidence;
import blackhole.client.evidence.KernelTimer;
import blackhole.client.evidence.Phase;
import blackhole.client.evidence.RunEvent;
import blackhole.client.evidence.Sample;
import blackhole.client.evidence.SocketHistory;
import blackhole.client.evidence.SocketRole;
import blackhole.client.evidence.SocketRow;
import blackhole.client.evidence.SocketTable;
import blackhole.client.evidence.TcpInfo;
import blackhole.client.scenario.Burst;
import blackhole.client.scenario.Probe;
import blackhole.client.scenario.Round;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.keepalive.SocketOptions;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A run or a comparison as one JSON document, under docs/report-schema.json: times are numbers of milliseconds in names
 * that end in {@code Ms}, counted from the start of the run where the name ends in {@code AtMs} or is {@code atMs}. A
 * producer property whose name suggests a secret is hidden.
 */
public final class JsonReport {

    private static final int SCHEMA_VERSION = 1;

    private JsonReport() {}

    /** One run. */
    public static String of(RunRecord run) {
        return text(document(run));
    }

    /**
     * Several variants, played at the same time.
     *
     * @param variants in the order to show
     * @param elapsed for all of them together
     */
    public static String of(List<NamedRun> variants, Duration elapsed) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("schemaVersion", SCHEMA_VERSION);
        document.put("kind", "comparison");
        document.put("elapsedMs", millis(elapsed));
        document.put("variants", variants.stream().map(JsonReport::variant).toList());
        return text(document);
    }

    static String text(Object document) {
        try {
            return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, @Nullable Object> variant(NamedRun variant) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("name", variant.name());
        map.put("expected", variant.expected().verdict().orElse(null));
        map.put("expectedBecause", variant.expected().because());
        map.put("asExpected", variant.asExpected());
        map.put("failure", variant.failure().orElse(null));
        map.put("run", variant.run().map(JsonReport::document).orElse(null));
        return map;
    }

    static Map<String, @Nullable Object> document(RunRecord run) {
        ScenarioReport report = run.report();
        Evidence evidence = report.evidence();
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("schemaVersion", SCHEMA_VERSION);
        document.put("kind", "run");
        document.put("name", run.name());
        document.put("startedAt", evidence.startedAt().toString());
        document.put("lengthMs", millis(evidence.length()));
        document.put("verdict", report.verdict());
        document.put("summary", run.diagnosis().summary());
        document.put("explanation", run.diagnosis().explanation());
        document.put("advice", run.diagnosis().advice());
        document.put("settings", settings(report.settings()));
        document.put("partitions", report.partitions());
        document.put("bypass", report.bypass().orElse(null));
        document.put("warnings", report.warnings());
        document.put("rounds", report.rounds().stream().map(JsonReport::round).toList());
        document.put("phases", evidence.phases().stream().map(JsonReport::phase).toList());
        document.put(
                "sockets", evidence.sockets().stream().map(JsonReport::socket).toList());
        document.put("events", run.events().stream().map(JsonReport::event).toList());
        document.put("tables", evidence.tables().stream().map(JsonReport::table).toList());
        document.put("unknownBecause", evidence.unknownBecause().orElse(null));
        document.put("messages", report.messages());
        return document;
    }

    private static Map<String, Object> settings(ScenarioSettings settings) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("bootstrapServers", settings.bootstrapServers());
        map.put("topic", settings.topic());
        map.put("burstSize", settings.burstSize());
        map.put("idleMs", settings.idle().toMillis());
        map.put("repeats", settings.repeats());
        map.put("pauseMs", settings.pause().toMillis());
        map.put("refresher", settings.refresher());
        map.put("refresherEveryMs", settings.refresherEvery().toMillis());
        map.put("seed", settings.seed());
        map.put("socketOptions", options(settings.socketOptions()));
        map.put("producerProperties", Secrets.masked(settings.producerProperties()));
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
        map.put(
                "latenciesMs",
                burst.latencies().stream().map(JsonReport::millis).toList());
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

    private static Map<String, @Nullable Object> phase(Phase phase) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("kind", phase.kind());
        map.put("round", phase.round());
        map.put("partition", phase.partition().isPresent() ? phase.partition().getAsInt() : null);
        map.put("fromMs", millis(phase.from()));
        map.put("toMs", millis(phase.to()));
        return map;
    }

    private static Map<String, @Nullable Object> socket(SocketHistory socket) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("id", socket.id());
        map.put("connection", CloseText.text(socket.local()) + " -> " + CloseText.text(socket.remote()));
        map.put("local", CloseText.text(socket.local()));
        map.put("remote", CloseText.text(socket.remote()));
        map.put("role", role(socket.role()));
        map.put("kernelHolds", socket.options().map(JsonReport::options).orElse(null));
        map.put("problems", socket.problems());
        map.put("openedAtMs", millis(socket.openedAt()));
        map.put("closedAtMs", socket.closedAt().map(JsonReport::millis).orElse(null));
        map.put("closedBy", socket.closedBy().orElse(null));
        map.put("samples", socket.samples().stream().map(JsonReport::sample).toList());
        return map;
    }

    private static Map<String, Object> role(SocketRole role) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("kind", role.kind());
        map.put("nodeId", role.nodeId());
        map.put("leads", role.leads());
        map.put("text", role.toString());
        return map;
    }

    private static Map<String, Object> sample(Sample sample) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("atMs", millis(sample.at()));
        map.putAll(info(sample.info()));
        return map;
    }

    private static Map<String, Object> info(TcpInfo info) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("state", info.state());
        map.put("rtoMs", millis(info.rto()));
        map.put("backoff", info.backoff());
        map.put("unacked", info.unacked());
        map.put("retransmits", info.retransmits());
        map.put("totalRetransmits", info.totalRetransmits());
        map.put("unansweredProbes", info.unansweredProbes());
        map.put("bytesSent", info.bytesSent());
        map.put("bytesAcked", info.bytesAcked());
        map.put("bytesReceived", info.bytesReceived());
        map.put("segmentsOut", info.segmentsOut());
        map.put("segmentsIn", info.segmentsIn());
        map.put("sinceDataSentMs", info.sinceDataSent().toMillis());
        map.put("sinceDataReceivedMs", info.sinceDataReceived().toMillis());
        return map;
    }

    private static Map<String, Object> event(RunEvent event) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("atMs", millis(event.at()));
        map.put("socket", event.socket());
        map.put("kind", event.kind());
        map.put("text", event.text());
        return map;
    }

    private static Map<String, @Nullable Object> table(SocketTable table) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("moment", table.moment());
        map.put("round", table.round());
        map.put("atMs", millis(table.at()));
        map.put("rows", table.rows().stream().map(JsonReport::row).toList());
        map.put("unknownBecause", table.unknownBecause().orElse(null));
        return map;
    }

    private static Map<String, @Nullable Object> row(SocketRow row) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("id", row.id());
        map.put("local", CloseText.text(row.local()));
        map.put("remote", CloseText.text(row.remote()));
        map.put("role", role(row.role()));
        map.put("state", row.state());
        map.put("timer", row.timer().map(JsonReport::timer).orElse(null));
        map.put("options", row.options().map(JsonReport::options).orElse(null));
        map.put("info", row.info().map(JsonReport::info).orElse(null));
        return map;
    }

    private static Map<String, Object> timer(KernelTimer timer) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("kind", timer.kind());
        map.put("remainingMs", timer.remaining().toMillis());
        map.put("count", timer.count());
        map.put("text", timer.toString());
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
