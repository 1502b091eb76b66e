package blackhole.proxy.api;

import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowListener;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Names that clients give their flows, such as "producer, keepalive off", for people to read. Thread-safe. */
public final class Labels implements FlowListener {
    private static final int MAX_LENGTH = 80;
    private static final String BIDI_CONTROLS =
            "\u061C\u200E\u200F\u2028\u2029\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069";

    private final Map<Long, String> labels = new ConcurrentHashMap<>();
    private final List<Consumer<? super FlowLabelled>> listeners = new CopyOnWriteArrayList<>();

    /** A flow's label was set or removed; an event of the stream. */
    public record FlowLabelled(
            long flowId, Instant at, @Nullable String label) {
        public FlowLabelled {
            requireReadable(label);
        }
    }

    @Override
    public void onEvent(FlowEvent event) {
        if (event instanceof FlowEvent.FlowClosed) {
            labels.remove(event.flowId());
        }
    }

    /** @param listener called for each new label, by the thread that sets it */
    public void addListener(Consumer<? super FlowLabelled> listener) {
        listeners.add(listener);
    }

    public void removeListener(Consumer<? super FlowLabelled> listener) {
        listeners.remove(listener);
    }

    public @Nullable String of(long flowId) {
        return labels.get(flowId);
    }

    /** Returns the flows with their labels. */
    public List<FlowView> views(Collection<Flow> flows) {
        return flows.stream().map(flow -> new FlowView(of(flow.id()), flow)).toList();
    }

    /** @param label null to remove it */
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
     * Removes the labels of flows that ended unnoticed: while they were being labelled, or before they were connected.
     *
     * @param flows supplies the flow table
     */
    void dropEnded(Supplier<List<Flow>> flows) {
        // The table is read after the labels, so that a flow labelled meanwhile keeps its label.
        Set<Long> ended = new HashSet<>(labels.keySet());
        flows.get().forEach(flow -> ended.remove(flow.id()));
        labels.keySet().removeAll(ended);
    }

    /** @throws Problem unless the body has a label that fits on one line, or null */
    static @Nullable String parse(ObjectNode body) {
        Json.requireOnly("label", body);
        JsonNode label = body.path("label");
        if (label.isNull()) {
            return null;
        }
        if (!label.isTextual()) {
            throw Problem.inField(
                    "label", "must be a string or null" + (label.isMissingNode() ? "" : ", not " + label));
        }
        String text = label.textValue().strip();
        if (text.isEmpty() || text.codePointCount(0, text.length()) > MAX_LENGTH) {
            throw Problem.inField("label", "must have 1 to " + MAX_LENGTH + " characters");
        }
        requireReadable(text);
        return text;
    }

    /** @throws Problem if the label could show other text than it has */
    static void requireReadable(@Nullable String label) {
        if (label != null && label.codePoints().anyMatch(Labels::changesText)) {
            throw Problem.inField("label", "must not contain control characters or change the direction of text");
        }
    }

    /** Control characters, line separators, and the bidirectional controls of Unicode, annex 9. */
    private static boolean changesText(int character) {
        return Character.isISOControl(character) || BIDI_CONTROLS.indexOf(character) >= 0;
    }
}
