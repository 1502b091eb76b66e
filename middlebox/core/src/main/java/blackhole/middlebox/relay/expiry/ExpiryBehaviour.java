package blackhole.middlebox.relay.expiry;

import blackhole.middlebox.config.Direction;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.flow.Leg;

/** What happens to a flow that expires. Stateless; called on the flow's event loop. */
public interface ExpiryBehaviour {
    /** Blackholes the legs that the behaviour blackholes, before the expiry is announced. */
    default void cutOff(ExpiringFlow flow) {}

    /** Acts on the expiry once it is announced. */
    default void expired(ExpiringFlow flow) {}

    /** Acts on what {@code leg} has discarded. Called at every look at a leg that has, also for old segments. */
    default void discarded(ExpiringFlow flow, Leg leg) {}

    /** Returns the behaviour behind a setting. {@code direction} limits {@link OnExpiry#DROP} alone. */
    static ExpiryBehaviour of(OnExpiry onExpiry, Direction direction) {
        return switch (onExpiry) {
            case DROP -> new Drop(direction);
            case RESET_SENDER -> new ResetSender();
            case RESET_CLIENT -> new ResetClient();
            case RESET_BOTH -> new ResetBoth();
            case CLOSE_BOTH -> new CloseBoth();
            case STALL -> new Stall();
        };
    }
}
