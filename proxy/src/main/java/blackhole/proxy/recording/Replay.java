package blackhole.proxy.recording;

import blackhole.middlebox.flow.Flow;
import blackhole.proxy.api.FlowQuery;
import blackhole.proxy.api.FlowView;
import blackhole.proxy.api.Labels;
import blackhole.proxy.api.Scene;
import blackhole.proxy.http.Problem;
import blackhole.proxy.http.Resources;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.MultiMap;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** A recording while it is played: the resources as they were at that point. Nothing can be changed. Thread-safe. */
public final class Replay implements Resources {
    private final Recording recording;
    private final double speed;
    private final LongSupplier ticker;
    private final Map<Long, Known> flows = new LinkedHashMap<>();
    private Labels labels = new Labels();
    private JsonNode middlebox;
    private boolean outage;
    private long startedAt;
    private int next;
    private boolean ended;

    /** A flow as it was at a point of the recording. */
    private record Known(Flow flow, Duration at) {}

    /** The last event that a reader gets. */
    public record ReplayEnded() {}

    /**
     * @param speed 2 for twice as fast as it happened
     * @param ticker nanoseconds
     */
    public Replay(Recording recording, double speed, LongSupplier ticker) {
        this.recording = recording;
        this.speed = speed;
        this.ticker = ticker;
        middlebox = recording.header().get("middlebox");
        restart();
    }

    /** Plays from the start again. */
    public synchronized void restart() {
        flows.clear();
        labels = new Labels();
        middlebox = recording.header().get("middlebox");
        outage = recording.header().get("outage").booleanValue();
        startedAt = ticker.getAsLong();
        next = 0;
        ended = false;
    }

    /** Lets happen what is due by now. */
    public synchronized void advance(Consumer<Object> happens) {
        Duration now = position();
        while (next < recording.lines().size()) {
            Recording.Line line = recording.lines().get(next);
            if (line.at().compareTo(now) > 0) {
                return;
            }
            next++;
            happen(line, happens);
        }
        if (!ended) {
            ended = true;
            happens.accept(new ReplayEnded());
        }
    }

    private void happen(Recording.Line line, Consumer<Object> happens) {
        for (Recording.Known known : line.changed()) {
            flows.put(known.flow().id(), new Known(known.flow(), line.at()));
            labels.put(known.flow().id(), known.label());
        }
        line.gone().forEach(flows::remove);
        ObjectNode event = line.event();
        if (event != null) {
            switch (event.get("type").textValue()) {
                case "middlebox-changed" -> middlebox = event.path("middlebox");
                case "outage-changed" -> outage = event.path("on").booleanValue();
                default -> {
                    // It says something of a flow, whose line came before.
                }
            }
            happens.accept(event);
        }
    }

    private Duration position() {
        Duration position = Duration.ofNanos((long) ((ticker.getAsLong() - startedAt) * speed));
        return position.compareTo(recording.length()) < 0 ? position : recording.length();
    }

    public synchronized Scene scene() {
        return new Scene(
                recording.startedAt().plus(position()), outage, middlebox, new Scene.Playing(ended ? 0 : speed));
    }

    private synchronized List<Flow> table() {
        Duration now = position();
        return flows.values().stream()
                .map(known -> older(known.flow(), now.minus(known.at())))
                .toList();
    }

    private static Flow older(Flow flow, Duration by) {
        Duration toExpiry = flow.toExpiry();
        Flow.Expiry expiry = flow.expiry();
        return new Flow(
                flow.id(),
                flow.state(),
                flow.openedAt(),
                flow.idle().plus(by),
                toExpiry == null ? null : toExpiry.minus(by),
                expiry == null
                        ? null
                        : new Flow.Expiry(
                                expiry.cause(), expiry.onExpiry(), expiry.ago().plus(by)),
                flow.client(),
                flow.upstream());
    }

    private synchronized Labels labels() {
        return labels;
    }

    @Override
    public Object routes() {
        return Map.of("routes", recording.header().get("routes"));
    }

    @Override
    public Object flows(MultiMap query) {
        return new FlowQuery(query, labels()).of(table());
    }

    @Override
    public Object flow(String id) {
        return table().stream()
                .filter(flow -> id.equals(Long.toString(flow.id())))
                .findFirst()
                .map(flow -> FlowView.of(flow, labels().of(flow.id())))
                .orElseThrow(() -> Problem.of(404, "there is no flow " + id));
    }

    @Override
    public synchronized Object middlebox() {
        return middlebox;
    }

    @Override
    public synchronized Object outage() {
        return Map.of("on", outage);
    }

    @Override
    public Object toFlow(Action action, String id) {
        throw unchangeable();
    }

    @Override
    public Object toFlowsOf(Action action, MultiMap query) {
        throw unchangeable();
    }

    @Override
    public Object labelFlow(String id, ObjectNode body) {
        throw unchangeable();
    }

    @Override
    public Object labelFlowsOf(MultiMap query, ObjectNode body) {
        throw unchangeable();
    }

    @Override
    public Object patchMiddlebox(ObjectNode body) {
        throw unchangeable();
    }

    @Override
    public Object putOutage(ObjectNode body) {
        throw unchangeable();
    }

    private static Problem unchangeable() {
        return Problem.of(409, "this is a recording: what happened can't be changed");
    }
}
