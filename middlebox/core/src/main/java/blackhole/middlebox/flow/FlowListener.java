package blackhole.middlebox.flow;

/** Receives the events of flows. */
@FunctionalInterface
public interface FlowListener {
    /**
     * Called on the event loop of the flow, so it must return at once. Anything it throws is reported as a
     * {@link BackgroundFailure} and affects neither the flow nor the other listeners.
     */
    void onEvent(FlowEvent event);
}
