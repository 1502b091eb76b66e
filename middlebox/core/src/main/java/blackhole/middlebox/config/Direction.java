package blackhole.middlebox.config;

import blackhole.middlebox.flow.Leg;

/** Whose packets vanish once a flow is blackholed. */
public enum Direction {
    /** The client's; what the upstream sends still reaches the client. */
    CLIENT_TO_UPSTREAM,
    /** The upstream's; what the client sends still reaches the upstream. */
    UPSTREAM_TO_CLIENT,
    BOTH;

    /** Whether what comes in on {@code leg} vanishes. */
    public boolean silences(Leg leg) {
        return switch (this) {
            case CLIENT_TO_UPSTREAM -> leg == Leg.CLIENT;
            case UPSTREAM_TO_CLIENT -> leg == Leg.UPSTREAM;
            case BOTH -> true;
        };
    }
}
