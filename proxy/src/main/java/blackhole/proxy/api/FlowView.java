package blackhole.proxy.api;

import blackhole.middlebox.flow.Flow;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A flow and its label; one object in JSON. */
public record FlowView(
        @Nullable String label, @JsonUnwrapped Flow flow) {

    /** @throws Problem if the label could show other text than it has */
    public FlowView {
        Labels.requireReadable(label);
    }

    /** Returns the flow as it is after another {@code time} without activity. */
    public FlowView after(Duration time) {
        Duration toExpiry = flow.toExpiry() == null ? null : flow.toExpiry().minus(time);
        Flow.Expiry last = flow.expiry();
        Flow.Expiry expiry = last == null
                ? null
                : new Flow.Expiry(last.cause(), last.onExpiry(), last.ago().plus(time));
        Duration idle = flow.idle().plus(time);
        Flow later = new Flow(
                flow.id(),
                flow.description(),
                flow.state(),
                flow.openedAt(),
                idle,
                toExpiry,
                expiry,
                flow.client(),
                flow.upstream());
        return new FlowView(label, later);
    }
}
