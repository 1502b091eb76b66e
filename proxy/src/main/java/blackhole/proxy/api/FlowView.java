package blackhole.proxy.api;

import blackhole.middlebox.flow.Flow;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A flow and its label; one object in JSON. */
public record FlowView(
        @Nullable String label, @JsonUnwrapped Flow flow) {

    /** Returns the flow as it is after another {@code time} without activity. */
    public FlowView after(Duration time) {
        Duration toExpiry = flow.toExpiry();
        Flow.Expiry expiry = flow.expiry();
        return new FlowView(
                label,
                new Flow(
                        flow.id(),
                        flow.state(),
                        flow.openedAt(),
                        flow.idle().plus(time),
                        toExpiry == null ? null : toExpiry.minus(time),
                        expiry == null
                                ? null
                                : new Flow.Expiry(
                                        expiry.cause(),
                                        expiry.onExpiry(),
                                        expiry.ago().plus(time)),
                        flow.client(),
                        flow.upstream()));
    }
}
