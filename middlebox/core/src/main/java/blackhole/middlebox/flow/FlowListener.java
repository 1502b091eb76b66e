package blackhole.middlebox.flow;

/** Is told what happens to flows. */
@FunctionalInterface
public interface FlowListener {
    /**
     * Called on the event loop of the flow, so it must return at once. What it throws is logged and reaches neither the
     * flow nor the other listeners.
     */
    void onEvent(FlowEvent event);
}
