package blackhole.proxy.api;

import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowListener;
import blackhole.proxy.http.Problem;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What clients call their flows, such as "producer, keepalive off"; nothing depends on it. Thread-safe. */
public final class Labels implements FlowListener {
    private static final int LONGEST = 80;

    private final Map<Long, String> labels = new ConcurrentHashMap<>();
    private final List<Consumer<? super FlowLabelled>> listeners = new CopyOnWriteArrayList<>();

    @Override
    public void onEvent(FlowEvent event) {
        if (event instanceof FlowEvent.FlowClosed) {
            labels.remove(event.flowId());
        }
    }

    /** @param listener is told each label as it is put, by the thread that puts it */
    public void addListener(Consumer<? super FlowLabelled> listener) {
        listeners.add(listener);
    }

    public void removeListener(Consumer<? super FlowLabelled> listener) {
        listeners.remove(listener);
    }

    @Nullable
    public String of(long flowId) {
        return labels.get(flowId);
    }

    /** @param label null for none any more */
    public void put(long flowId, @Nullable String label) {
        if (label == null) {
            labels.remove(flowId);
        } else {
            labels.put(flowId, label);
        }
        FlowLabelled labelled = new FlowLabelled(flowId, Instant.now(), label);
        listeners.forEach(listener -> listener.accept(labelled));
    }

    /**
     * Expires the labels of flows that ended without their {@code FlowClosed} being seen here: while they were being
     * labelled, or before they were connected.
     *
     * @param flows the flow table, asked for once it is known which flows have labels
     */
    public void dropEnded(Supplier<List<Flow>> flows) {
        Set<Long> ended = new HashSet<>(labels.keySet());
        flows.get().forEach(flow -> ended.remove(flow.id()));
        labels.keySet().removeAll(ended);
    }

    /** @throws Problem when the body has no label that can be shown on a line */
    public static @Nullable String parse(ObjectNode body) {
        for (Map.Entry<String, JsonNode> field : body.properties()) {
            if (!field.getKey().equals("label")) {
                throw Problem.inField(field.getKey(), "is unknown; there is label");
            }
        }
        JsonNode label = body.get("label");
        if (label != null && label.isNull()) {
            return null;
        }
        if (label == null || !label.isTextual()) {
            throw Problem.inField("label", "must be a string or null" + (label == null ? "" : ", not " + label));
        }
        String text = label.textValue().strip();
        if (text.isEmpty() || text.codePointCount(0, text.length()) > LONGEST) {
            throw Problem.inField("label", "must have 1 to " + LONGEST + " characters");
        }
        if (text.codePoints().anyMatch(Character::isISOControl)) {
            throw Problem.inField("label", "can't contain control characters");
        }
        return text;
    }
}
