package blackhole.middlebox.relay.expiry;

import blackhole.middlebox.config.Direction;
import blackhole.middlebox.flow.Leg;

/** Discards all packets, or those of one direction, and answers none. */
record Drop(Direction direction) implements ExpiryBehaviour {
    @Override
    public void cutOff(ExpiringFlow flow) {
        switch (direction) {
            case CLIENT_TO_UPSTREAM -> flow.blackhole(Leg.CLIENT);
            case UPSTREAM_TO_CLIENT -> flow.blackhole(Leg.UPSTREAM);
            case BOTH -> flow.blackholeBoth();
        }
    }
}
